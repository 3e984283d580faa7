#include "base/signal.h"

#include <gtest/gtest.h>

#include <stdexcept>

#include "base/testing/await.h"

namespace tarn {
namespace {

using namespace std::chrono_literals;

TEST(Signal, ReturnsAtOnceWhenItHasHappened) {
    const Signal signal;
    signal.notify();

    await(signal.wait());
    EXPECT_TRUE(await(signal.wait_for(0ms)));
}

TEST(Signal, MayBeWaitedForAgainAfterTheLimit) {
    const Signal signal;

    EXPECT_FALSE(await(signal.wait_for(1ms)));
    EXPECT_FALSE(await(signal.wait_for(1ms)));
    signal.notify();
    EXPECT_TRUE(await(signal.wait_for(1ms)));
}

TEST(Signal, EndsALongWaitEarly) {
    const Signal signal;
    const auto both = [&]() -> Task<bool> {
        std::vector<std::function<Task<void>()>> tasks;
        bool notified = false;
        tasks.push_back([&]() -> Task<void> { notified = co_await signal.wait_for(1h); });
        tasks.push_back([&]() -> Task<void> {
            signal.notify();
            co_return;
        });
        co_await run_all(std::move(tasks), 2);
        co_return notified;
    };

    EXPECT_TRUE(await(both()));
}

TEST(RunAll, RunsNoMoreThanTheLimitAtATime) {
    int running = 0;
    int most = 0;
    int ended = 0;
    std::vector<std::function<Task<void>()>> tasks;
    for (int i = 0; i < 10; ++i) {
        tasks.push_back([&]() -> Task<void> {
            most = std::max(most, ++running);
            co_await sleep_for(1ms);
            --running;
            ++ended;
        });
    }

    await(run_all(std::move(tasks), 3));

    EXPECT_EQ(most, 3);
    EXPECT_EQ(ended, 10);
}

TEST(RunAll, ThrowsTheFirstFailureAfterAllHaveEnded) {
    int ended = 0;
    std::vector<std::function<Task<void>()>> tasks;
    tasks.push_back([]() -> Task<void> {
        throw std::runtime_error("first");
        co_return;
    });
    tasks.push_back([&]() -> Task<void> {
        co_await sleep_for(1ms);
        ++ended;
    });

    EXPECT_THROW(await(run_all(std::move(tasks), 2)), std::runtime_error);
    EXPECT_EQ(ended, 1);
}

}  // namespace
}  // namespace tarn
