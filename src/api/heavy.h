#pragma once

#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <utility>

#include "base/signal.h"
#include "base/workers.h"

namespace tarn::api {

// The gate of heavy operations (commit, merge, diff): each runs whole on a worker.
// Threads  Any context.
// Limits   `running_max` at a time, `waiting_max` behind them, in order of arrival.
// Errors   exhausted (detail "heavy_jobs"): more than that.
class HeavyJobs {
public:
    HeavyJobs(Workers& workers, int running_max, int waiting_max);

    template <class T>
    Task<T> run(std::function<Task<T>()> job) {
        co_await enter();
        const Leave leave(*this);
        co_return co_await workers_.run<T>(std::move(job));
    }

    int running() const;
    int waiting() const;

private:
    class Leave {
    public:
        explicit Leave(HeavyJobs& jobs) : jobs_(jobs) {}
        ~Leave() { jobs_.leave(); }
        Leave(const Leave&) = delete;
        Leave& operator=(const Leave&) = delete;

    private:
        HeavyJobs& jobs_;
    };

    Task<void> enter();
    void leave();

    Workers& workers_;
    const int running_max_;
    const int waiting_max_;
    mutable std::mutex mutex_;
    int running_ = 0;
    std::deque<Signal> waiting_;
};

}  // namespace tarn::api
