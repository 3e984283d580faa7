#include "block/s3/memory_budget.h"

#include <algorithm>
#include <vector>

namespace tarn::block {

bool MemoryBudget::fits(std::uint64_t bytes) const {
    return std::min(bytes, all_) <= free_;
}

MemoryBudget::Permit MemoryBudget::try_take(std::uint64_t bytes) {
    const std::lock_guard lock(mutex_);
    if (!waiting_.empty() || !fits(bytes)) return {};
    free_ -= std::min(bytes, all_);
    return {*this, bytes};
}

Task<MemoryBudget::Permit> MemoryBudget::take(std::uint64_t bytes) {
    Signal served;
    {
        const std::lock_guard lock(mutex_);
        if (waiting_.empty() && fits(bytes)) {
            free_ -= std::min(bytes, all_);
            served.notify();
        } else {
            waiting_.push_back({bytes, served});
        }
    }
    co_await served.wait();
    co_return Permit(*this, bytes);
}

void MemoryBudget::give_back(std::uint64_t bytes) {
    std::vector<Signal> served;
    {
        const std::lock_guard lock(mutex_);
        free_ += std::min(bytes, all_);
        while (!waiting_.empty() && fits(waiting_.front().bytes)) {
            free_ -= std::min(waiting_.front().bytes, all_);
            served.push_back(std::move(waiting_.front().served));
            waiting_.pop_front();
        }
    }
    for (const Signal& signal : served) signal.notify();
}

}  // namespace tarn::block
