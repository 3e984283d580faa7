#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <utility>

#include "base/signal.h"
#include "base/task.h"

namespace tarn::block {

// The memory that parts of uploads may take together.
//
// Threads   Any. Whoever waits is served in order.
// Lifetime  The budget outlives its permits.
// Limits    A permit larger than the whole budget is given while nothing else is out.
class MemoryBudget {
public:
    // Bytes that may be used until the permit ends.
    class Permit {
    public:
        Permit() = default;
        Permit(MemoryBudget& budget, std::uint64_t bytes) : budget_(&budget), bytes_(bytes) {}
        Permit(Permit&& other) noexcept
            : budget_(std::exchange(other.budget_, nullptr)), bytes_(other.bytes_) {}
        Permit& operator=(Permit&& other) noexcept {
            std::swap(budget_, other.budget_);
            std::swap(bytes_, other.bytes_);
            return *this;
        }
        ~Permit() {
            if (budget_ != nullptr) budget_->give_back(bytes_);
        }
        explicit operator bool() const { return budget_ != nullptr; }

    private:
        MemoryBudget* budget_ = nullptr;
        std::uint64_t bytes_ = 0;
    };

    explicit MemoryBudget(std::uint64_t bytes) : free_(bytes), all_(bytes) {}

    // An empty permit when there is too little, or when others wait.
    Permit try_take(std::uint64_t bytes);
    Task<Permit> take(std::uint64_t bytes);

private:
    struct Waiter {
        std::uint64_t bytes;
        Signal served;
    };

    bool fits(std::uint64_t bytes) const;
    void give_back(std::uint64_t bytes);

    std::mutex mutex_;
    std::uint64_t free_;
    const std::uint64_t all_;
    std::deque<Waiter> waiting_;
};

}  // namespace tarn::block
