#include "api/heavy.h"

#include <gtest/gtest.h>

#include <atomic>
#include <vector>

#include "base/error.h"
#include "base/testing/await.h"

namespace tarn::api {
namespace {

struct Crowd {
    int done = 0;
    int refused = 0;
    int most_running = 0;
};

// Starts `count` jobs; the first holds its place until all of them have come.
Crowd run_crowd(int count, int running_max, int waiting_max) {
    Workers workers(4);
    HeavyJobs jobs(workers, running_max, waiting_max);
    Crowd crowd;
    std::atomic<int> running{0};
    std::atomic<int> most{0};
    Signal go;
    std::atomic<int> arrived{0};
    const std::function<Task<int>()> job = [&]() -> Task<int> {
        const int now = ++running;
        int seen = most.load();
        while (seen < now && !most.compare_exchange_weak(seen, now)) {
        }
        if (now == 1 && arrived < count) co_await go.wait();
        --running;
        co_return 1;
    };
    std::vector<std::function<Task<void>()>> tasks;
    for (int at = 0; at < count; ++at) {
        tasks.push_back([&]() -> Task<void> {
            if (++arrived == count) go.notify();
            try {
                const int done = co_await jobs.run<int>(job);
                crowd.done += done;
            } catch (const Error& error) {
                crowd.refused += error.detail() == "heavy_jobs";
            }
        });
    }
    await(run_all(std::move(tasks), count));
    crowd.most_running = most;
    EXPECT_EQ(jobs.running(), 0);
    EXPECT_EQ(jobs.waiting(), 0);
    return crowd;
}

TEST(HeavyJobs, RunNoMoreThanTheirLimitAtATime) {
    const Crowd crowd = run_crowd(20, 2, 64);

    EXPECT_EQ(crowd.done, 20);
    EXPECT_EQ(crowd.refused, 0);
    EXPECT_LE(crowd.most_running, 2);
}

TEST(HeavyJobs, RefuseWhoeverWouldWaitBehindTooMany) {
    const Crowd crowd = run_crowd(10, 1, 3);

    EXPECT_EQ(crowd.done + crowd.refused, 10);
    EXPECT_GE(crowd.refused, 1);
    EXPECT_EQ(crowd.most_running, 1);
}

TEST(HeavyJobs, GiveTheirPlaceBackWhenTheyFail) {
    Workers workers(1);
    HeavyJobs jobs(workers, 1, 0);
    std::function<Task<int>()> failing = []() -> Task<int> {
        throw Error(Code::internal, "no");
        co_return 0;
    };

    EXPECT_THROW(await(jobs.run<int>(failing)), Error);
    EXPECT_EQ(jobs.running(), 0);
}

}  // namespace
}  // namespace tarn::api
