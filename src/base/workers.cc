#include "base/workers.h"

#include <fmt/format.h>
#include <pthread.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <condition_variable>
#include <mutex>
#include <thread>
#include <vector>

#include "base/error.h"
#include "base/internal/failure.h"
#include "base/signal.h"

namespace tarn {
namespace {

namespace asio = boost::asio;

// One thread and its context.
struct Worker {
    Context context{1};
    asio::executor_work_guard<Context::executor_type> guard{context.get_executor()};
    int load = 0;  // jobs given to it that have not ended
    std::thread thread;
};

}  // namespace

struct Workers::Pool {
    explicit Pool(int threads) {
        CHECK(threads >= 1, "a pool has a thread");
        for (int i = 0; i < threads; ++i) workers.push_back(std::make_unique<Worker>());
        for (std::size_t i = 0; i < workers.size(); ++i) {
            Worker& worker = *workers[i];
            worker.thread = std::thread([&worker] { worker.context.run(); });
            pthread_setname_np(worker.thread.native_handle(), fmt::format("worker-{}", i).c_str());
        }
    }

    // Everything ends before any thread stops: what runs on one worker may wait for another.
    ~Pool() {
        {
            std::unique_lock lock(mutex);
            idle.wait(lock, [this] { return pending == 0; });
        }
        for (const auto& worker : workers) worker->guard.reset();
        for (const auto& worker : workers) worker->thread.join();
    }

    // The worker with the least to do, given one more job.
    Worker& begin_job() {
        const std::lock_guard lock(mutex);
        ++pending;
        Worker* least = workers.front().get();
        for (const auto& worker : workers) {
            if (worker->load < least->load) least = worker.get();
        }
        ++least->load;
        return *least;
    }

    void end_job(Worker& worker) {
        const std::lock_guard lock(mutex);
        --worker.load;
        if (--pending == 0) idle.notify_all();
    }

    std::vector<std::unique_ptr<Worker>> workers;
    std::mutex mutex;  // guards the loads and `pending`
    int pending = 0;
    std::condition_variable idle;
};

Workers::Workers(int threads) : pool_(std::make_unique<Pool>(threads)) {}

Workers::~Workers() = default;

int Workers::size() const {
    return static_cast<int>(pool_->workers.size());
}

Task<void> Workers::offload_erased(std::function<void()> function) {
    Pool* pool = pool_.get();
    Worker* worker = &pool->begin_job();
    std::exception_ptr failure;
    const Signal ended;
    asio::post(worker->context, [pool, worker, ended, &function, &failure] {
        try {
            function();
        } catch (...) {
            failure = std::current_exception();
        }
        pool->end_job(*worker);
        ended.notify();
    });
    co_await ended.wait();
    if (failure) std::rethrow_exception(failure);
}

Task<void> Workers::run_erased(std::function<Task<void>()> start_task) {
    Pool* pool = pool_.get();
    Worker* worker = &pool->begin_job();
    std::exception_ptr failure;
    const Signal ended;
    auto on_end = [pool, worker, ended, &failure](std::exception_ptr thrown) {
        failure = std::move(thrown);
        pool->end_job(*worker);
        ended.notify();
    };
    asio::co_spawn(worker->context, std::move(start_task), std::move(on_end));
    co_await ended.wait();
    if (failure) std::rethrow_exception(failure);
}

void Workers::start(std::function<Task<void>()> task) {
    Pool* pool = pool_.get();
    Worker* worker = &pool->begin_job();
    auto ended = [pool, worker](std::exception_ptr failure) {
        internal::log_failure(failure);
        pool->end_job(*worker);
    };
    asio::co_spawn(worker->context, std::move(task), std::move(ended));
}

}  // namespace tarn
