#include "server/run_task.h"

#include <exception>

#include "base/signal.h"

namespace tarn::server {

void run_task(std::function<Task<void>()> task) {
    // Kept for the thread's lifetime: a worker may still be leaving `post` when the task has ended.
    thread_local Context context(1);
    std::exception_ptr failure;
    start_on(context, [&]() -> Task<void> {
        try {
            co_await task();
        } catch (...) {
            failure = std::current_exception();
        }
    });
    context.run();
    context.restart();
    if (failure) std::rethrow_exception(failure);
}

}  // namespace tarn::server
