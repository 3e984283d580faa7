#include "base/testing/await.h"

#include <boost/asio/co_spawn.hpp>

namespace tarn::testing_detail {

void run_to_end(std::function<Task<void>()> start) {
    // Kept for the thread's lifetime: a worker may still be leaving `post` when the task has ended.
    thread_local Context context{1};
    std::exception_ptr failure;
    boost::asio::co_spawn(context, std::move(start),
                          [&failure](std::exception_ptr thrown) { failure = std::move(thrown); });
    context.run();
    context.restart();
    if (failure) std::rethrow_exception(failure);
}

}  // namespace tarn::testing_detail
