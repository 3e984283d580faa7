#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <type_traits>
#include <utility>

#include "base/task.h"

namespace tarn {

// Threads for what must not hold a core: blocking calls and heavy operations.
// Threads   `offload` and `run` may be called from any context; the caller resumes on its own.
// Lifetime  The destructor waits for what runs and then stops the threads.
// Limits    Nothing here bounds the queue: callers bound what they start.
class Workers {
public:
    explicit Workers(int threads);
    ~Workers();
    Workers(const Workers&) = delete;
    Workers& operator=(const Workers&) = delete;

    int size() const;

    // Runs a plain blocking function on a worker and returns or throws what it does.
    template <class F>
    Task<std::invoke_result_t<F>> offload(F function) {
        using Result = std::invoke_result_t<F>;
        if constexpr (std::is_void_v<Result>) {
            std::function<void()> erased = std::move(function);
            co_await offload_erased(std::move(erased));
        } else {
            std::optional<Result> result;
            std::function<void()> erased = [&result, &function] { result.emplace(function()); };
            co_await offload_erased(std::move(erased));
            co_return std::move(*result);
        }
    }

    // Runs a whole coroutine on one worker and returns or throws what it does. The function object
    // is kept until the coroutine ends.
    template <class T>
    Task<T> run(std::function<Task<T>()> start) {
        if constexpr (std::is_void_v<T>) {
            co_await run_erased(std::move(start));
        } else {
            std::optional<T> result;
            std::function<Task<void>()> erased = [&result, &start]() -> Task<void> {
                auto value = co_await start();
                result.emplace(std::move(value));
            };
            co_await run_erased(std::move(erased));
            co_return std::move(*result);
        }
    }

    // Starts a coroutine on a worker and does not wait for it; an exception out of it is logged.
    // The destructor waits for it.
    void start(std::function<Task<void>()> task);

private:
    struct Pool;
    Task<void> offload_erased(std::function<void()> function);
    Task<void> run_erased(std::function<Task<void>()> start);

    std::unique_ptr<Pool> pool_;
};

}  // namespace tarn
