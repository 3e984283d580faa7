#include "signature/internal/ordered_work.h"

#include <deque>
#include <mutex>
#include <optional>

#include "base/signal.h"

namespace tarn::signature::internal {
namespace {

constexpr int jobs_max = 4;

}  // namespace

struct OrderedWork::State {
    std::mutex mutex;
    std::deque<std::function<void()>> jobs;
    int unfinished = 0;
    bool running = false;
    int wake_below = 0;
    std::optional<Signal> waiter;

    // Runs jobs until none is left. On a worker.
    void run() {
        for (;;) {
            std::function<void()> job;
            {
                const std::lock_guard lock(mutex);
                if (jobs.empty()) {
                    running = false;
                    return;
                }
                job = std::move(jobs.front());
                jobs.pop_front();
            }
            job();
            job = nullptr;
            std::optional<Signal> wake;
            {
                const std::lock_guard lock(mutex);
                --unfinished;
                if (waiter && unfinished < wake_below) wake = std::exchange(waiter, std::nullopt);
            }
            if (wake) wake->notify();
        }
    }
};

OrderedWork::OrderedWork(Workers& workers)
    : workers_(&workers), state_(std::make_shared<State>()) {}
OrderedWork::~OrderedWork() = default;
OrderedWork::OrderedWork(OrderedWork&&) noexcept = default;

Task<void> OrderedWork::wait_below(int unfinished) {
    const auto state = state_;
    std::optional<Signal> signal;
    {
        const std::lock_guard lock(state->mutex);
        if (state->unfinished < unfinished) co_return;
        signal.emplace();
        state->waiter = signal;
        state->wake_below = unfinished;
    }
    co_await signal->wait();
}

Task<void> OrderedWork::post(std::function<void()> job) {
    co_await wait_below(jobs_max);
    const auto state = state_;
    bool start = false;
    {
        const std::lock_guard lock(state->mutex);
        state->jobs.push_back(std::move(job));
        ++state->unfinished;
        start = !std::exchange(state->running, true);
    }
    if (start) {
        workers_->start([state]() -> Task<void> {
            state->run();
            co_return;
        });
    }
}

Task<void> OrderedWork::drain() {
    co_await wait_below(1);
}

}  // namespace tarn::signature::internal
