#include "base/workers.h"

#include <gtest/gtest.h>

#include <atomic>
#include <stdexcept>
#include <thread>

#include "base/buffer_pool.h"
#include "base/signal.h"
#include "base/testing/await.h"

namespace tarn {
namespace {

using namespace std::chrono_literals;
using Tasks = std::vector<std::function<Task<void>()>>;

TEST(Workers, RunBlockingFunctionsElsewhereAndComeBack) {
    Workers workers(2);
    const auto home = std::this_thread::get_id();
    std::thread::id there;
    std::thread::id after;
    const auto task = [&]() -> Task<int> {
        const int result = co_await workers.offload([&] {
            there = std::this_thread::get_id();
            return 42;
        });
        after = std::this_thread::get_id();
        co_return result;
    };

    EXPECT_EQ(await(task()), 42);
    EXPECT_NE(there, home);
    EXPECT_EQ(after, home);
}

TEST(Workers, CarryExceptionsHome) {
    Workers workers(1);
    const std::function<Task<int>()> failing = []() -> Task<int> {
        throw std::runtime_error("inside");
        co_return 1;
    };

    EXPECT_THROW(await(workers.offload([] { throw std::runtime_error("plain"); })),
                 std::runtime_error);
    EXPECT_THROW(await(workers.run(failing)), std::runtime_error);
}

TEST(Workers, RunWholeCoroutinesThatUseOtherWorkers) {
    Workers workers(2);
    const std::function<Task<int>()> whole = [&]() -> Task<int> {
        const auto mine = std::this_thread::get_id();
        int kept = 0;
        for (int i = 0; i < 100; ++i) {
            co_await workers.offload([] {});
            kept += std::this_thread::get_id() == mine ? 1 : 0;
        }
        co_return kept;
    };

    EXPECT_EQ(await(workers.run(whole)), 100);
}

TEST(Workers, WaitAtTheirEndForWhatWasStarted) {
    std::atomic<int> ended = 0;
    {
        Workers workers(3);
        for (int i = 0; i < 50; ++i) {
            workers.start([&]() -> Task<void> {
                co_await workers.offload([] {});
                co_await sleep_for(1ms);
                co_await workers.offload([] {});
                ++ended;
            });
        }
    }

    EXPECT_EQ(ended, 50);
}

TEST(Signal, IsNeverLostBetweenThreads) {
    Workers workers(2);
    const auto race = [&]() -> Task<void> {
        for (int i = 0; i < 2000; ++i) {
            const Signal signal;
            workers.start([signal]() -> Task<void> {
                signal.notify();
                co_return;
            });
            if (i % 2 == 0) {
                co_await signal.wait();
            } else {
                bool notified = false;
                while (!notified) notified = co_await signal.wait_for(1ms);
            }
        }
    };

    await(race());
}

TEST(Signal, WakesWaitersOfSeveralContextsTogether) {
    Workers workers(3);
    constexpr int count = 300;
    std::vector<Signal> signals(count);
    std::atomic<int> waiting = 0;
    std::atomic<int> moved = 0;
    const auto all = [&]() -> Task<void> {
        Signal everyone_woke;
        std::atomic<int> left = count;
        for (int i = 0; i < count; ++i) {
            workers.start([&, i]() -> Task<void> {
                const auto mine = std::this_thread::get_id();
                ++waiting;
                co_await signals[i].wait();
                if (std::this_thread::get_id() != mine) ++moved;
                if (--left == 0) everyone_woke.notify();
            });
        }
        while (waiting < count) co_await sleep_for(1ms);
        Signal::notify_all(signals);
        co_await everyone_woke.wait();
    };

    await(all());

    EXPECT_EQ(moved, 0);
}

TEST(BufferPool, KeepsItsBudgetBetweenThreads) {
    BufferPool pool(2 * BufferPool::large_bytes);
    std::atomic<std::size_t> most = 0;
    {
        Workers workers(3);
        for (int i = 0; i < 200; ++i) {
            workers.start([&, i]() -> Task<void> {
                const std::size_t size =
                    i % 3 == 0 ? BufferPool::small_bytes : BufferPool::large_bytes;
                const auto buffer = co_await pool.take(size);
                (*buffer)[0] = static_cast<char>(i);
                const std::size_t out = pool.bytes_out();
                if (out > most) most = out;
                co_await sleep_for(0ms);
            });
        }
    }

    EXPECT_EQ(pool.bytes_out(), 0u);
    EXPECT_LE(most, 2 * BufferPool::large_bytes);
}

}  // namespace
}  // namespace tarn
