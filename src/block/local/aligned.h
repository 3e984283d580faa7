#pragma once

#include <cstdlib>
#include <memory>
#include <mutex>
#include <vector>

namespace tarn::block {

// Page-aligned memory of 1 MiB for uploads whose pieces lie askew.
// Threads   Any; `take` does not wait.
// Limits    `count_max` buffers are out at a time; then `take` returns none.
// Lifetime  The pool must outlive its buffers.
class AlignedBuffers {
public:
    static constexpr std::size_t alignment = 4096;
    static constexpr std::size_t size = 1024 * 1024;
    static constexpr std::size_t count_max = 64;
    static constexpr std::size_t kept_max = 8;  // for reuse

    struct Return {
        AlignedBuffers* pool;
        void operator()(char* memory) const { pool->give_back(memory); }
    };
    using Buffer = std::unique_ptr<char, Return>;

    ~AlignedBuffers() {
        for (char* memory : kept_) std::free(memory);
    }

    Buffer take() {
        const std::scoped_lock lock(mutex_);
        char* memory = nullptr;
        if (!kept_.empty()) {
            memory = kept_.back();
            kept_.pop_back();
        } else if (out_ < count_max) {
            memory = static_cast<char*>(std::aligned_alloc(alignment, size));
        }
        if (memory != nullptr) ++out_;
        return Buffer(memory, Return{this});
    }

private:
    void give_back(char* memory) {
        const std::scoped_lock lock(mutex_);
        --out_;
        if (kept_.size() < kept_max) {
            kept_.push_back(memory);
        } else {
            std::free(memory);
        }
    }

    std::mutex mutex_;
    std::vector<char*> kept_;
    std::size_t out_ = 0;
};

}  // namespace tarn::block
