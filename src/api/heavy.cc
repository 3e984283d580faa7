#include "api/heavy.h"

#include <optional>

#include "base/error.h"

namespace tarn::api {

HeavyJobs::HeavyJobs(Workers& workers, int running_max, int waiting_max)
    : workers_(workers), running_max_(running_max), waiting_max_(waiting_max) {}

Task<void> HeavyJobs::enter() {
    std::optional<Signal> turn;
    {
        const std::lock_guard lock(mutex_);
        if (running_ < running_max_) {
            ++running_;
        } else if (static_cast<int>(waiting_.size()) < waiting_max_) {
            turn = waiting_.emplace_back();
        } else {
            throw Error(Code::exhausted, "too many heavy operations wait already", "heavy_jobs");
        }
    }
    if (turn) co_await turn->wait();
}

// Hands the place on to the first that waits.
void HeavyJobs::leave() {
    std::optional<Signal> next;
    {
        const std::lock_guard lock(mutex_);
        if (waiting_.empty()) {
            --running_;
            return;
        }
        next = waiting_.front();
        waiting_.pop_front();
    }
    next->notify();
}

int HeavyJobs::running() const {
    const std::lock_guard lock(mutex_);
    return running_;
}

int HeavyJobs::waiting() const {
    const std::lock_guard lock(mutex_);
    return static_cast<int>(waiting_.size());
}

}  // namespace tarn::api
