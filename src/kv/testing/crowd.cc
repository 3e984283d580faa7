#include "kv/testing/crowd.h"

#include <boost/asio/co_spawn.hpp>
#include <exception>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

namespace tarn::kv {

void run_crowd(int contexts, int members, const std::function<Task<void>(int)>& start) {
    // Kept for the thread's lifetime: a store's thread may still be leaving `post` when all have
    // ended.
    thread_local std::vector<std::unique_ptr<Context>> loops;
    while (loops.size() < static_cast<std::size_t>(contexts)) {
        loops.push_back(std::make_unique<Context>(1));
    }
    std::mutex mutex;
    std::exception_ptr failure;
    const auto note = [&](std::exception_ptr thrown) {
        const std::lock_guard lock(mutex);
        if (thrown && !failure) failure = thrown;
    };
    for (int member = 0; member < members; ++member) {
        Context& context = *loops[static_cast<std::size_t>(member % contexts)];
        boost::asio::co_spawn(context, [&start, member] { return start(member); }, note);
    }
    std::vector<std::thread> threads;
    for (int at = 0; at < contexts; ++at) {
        Context* loop = loops[static_cast<std::size_t>(at)].get();
        threads.emplace_back([loop] {
            loop->run();
            loop->restart();
        });
    }
    for (auto& thread : threads) thread.join();
    if (failure) std::rethrow_exception(failure);
}

}  // namespace tarn::kv
