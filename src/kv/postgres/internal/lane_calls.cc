// What becomes of calls: answers, time-outs, and their places in the queues.

#include <fmt/format.h>

#include <algorithm>

#include "kv/postgres/internal/lane.h"

namespace tarn::kv::postgres {
namespace {

constexpr std::chrono::milliseconds tick_max{50};
constexpr std::chrono::milliseconds stall_min{10'000};

}  // namespace

void Lane::answer(Call& call) {
    if (call.is_answered) return;
    call.is_answered = true;
    announced_.push_back(call.answered);
}

// The call leaves the lane; its place may be taken.
void Lane::finish(Call& call) {
    operations_finished_ += call.steps.size();
    bytes_finished_ += call.bytes;
}

// After a round: answered, or to the queue again.
void Lane::put_back(const CallPtr& call) {
    if (call->is_done() || call->failure || call->is_answered) {
        answer(*call);
        finish(*call);
    } else if (call->caution > 0) {
        redo_.push_front(call);
    } else {
        queue_.push_front(call);
    }
}

void Lane::announce() {
    if (operations_finished_ > 0) {
        const std::lock_guard lock(mutex_);
        operations_ -= std::exchange(operations_finished_, 0);
        bytes_ -= std::exchange(bytes_finished_, 0);
    }
    if (announced_.empty()) return;
    while (!unexpired_.empty() && unexpired_.front()->is_answered) unexpired_.pop_front();
    Signal::notify_all(announced_);
    announced_.clear();
}

void Lane::expire(Moment now) {
    while (!unexpired_.empty()) {
        Call& call = *unexpired_.front();
        if (!call.is_answered && call.deadline > now) return;
        if (!call.is_answered) {
            call.failure = Error(
                Code::unavailable,
                fmt::format("PostgreSQL: no answer within {} ms", options_.request_timeout.count()),
                "postgres");
            answer(call);
        }
        unexpired_.pop_front();
    }
}

// Answers and forgets all that waits; nothing may be in flight.
void Lane::fail_all(const Error& error) {
    for (std::deque<CallPtr>* calls : {&redo_, &queue_}) {
        for (const CallPtr& call : *calls) {
            if (!call->is_answered) call->failure = error;
            answer(*call);
            finish(*call);
        }
        calls->clear();
    }
}

void Lane::arm_tick() {
    if (is_ticking_) return;
    is_ticking_ = true;
    const auto delay =
        std::clamp(options_.request_timeout / 4, std::chrono::milliseconds(1), tick_max);
    alarm_.set(delay, [this] { tick(); });
}

// The coarse clock of the lane, which runs while anything waits.
void Lane::tick() {
    is_ticking_ = false;
    const Moment now = std::chrono::steady_clock::now();
    expire(now);
    const auto stall = std::max(stall_min, 2 * options_.request_timeout);
    if (wire_ && !rounds_.empty() && now - progress_at_ > stall) lose("no answer in time");
    pump();
    const bool is_busy = has_work() || !rounds_.empty() || !unexpired_.empty();
    if (is_busy || (is_stopping_ && wire_)) arm_tick();
}

}  // namespace tarn::kv::postgres
