#include "committed/internal/flight.h"

#include <gtest/gtest.h>

#include <atomic>
#include <barrier>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "base/testing/await.h"
#include "base/testing/temporary_folder.h"
#include "committed/internal/clock_cache.h"
#include "committed/testing/changes.h"
#include "committed/testing/remote_store.h"
#include "committed/trees.h"

namespace tarn::committed {
namespace {

constexpr int askers = 6;

// The seeded bug: it looks whether somebody fetches already under one lock, and takes the lead
// under another. The barrier makes the race certain.
template <class Value>
class CarelessFlights {
public:
    using Fetch = typename Flights<Value>::Fetch;

    Task<std::shared_ptr<const Value>> get(std::string key, Fetch fetch) {
        const bool somebody_fetches = contains(key);
        everybody_looked_.arrive_and_wait();
        if (somebody_fetches) co_return nullptr;
        {
            const std::lock_guard lock(mutex_);
            keys_.insert(key);
        }
        co_return co_await fetch();
    }

private:
    bool contains(const std::string& key) {
        const std::lock_guard lock(mutex_);
        return keys_.contains(key);
    }

    std::mutex mutex_;
    std::set<std::string> keys_;
    std::barrier<> everybody_looked_{askers};
};

// How often something is fetched that several threads ask for at the same time. As in Tables, what
// has been fetched is kept, and looked for once more by who leads.
template <template <class> class AnyFlights>
int fetches_for_concurrent_askers(const std::function<void()>& while_fetching) {
    AnyFlights<int> flights;
    ClockCache<std::string, int, std::hash<std::string>> kept(1'000);
    std::atomic<int> asking = 0;
    std::atomic<int> fetches = 0;
    const auto fetch = [&]() -> Task<std::shared_ptr<const int>> {
        std::shared_ptr<const int> value = kept.find("key");
        if (value) co_return value;
        ++fetches;
        while (asking < askers) std::this_thread::yield();
        while_fetching();
        value = std::make_shared<const int>(42);
        kept.insert("key", value, 1);
        co_return value;
    };
    const auto ask = [&]() -> Task<void> {
        ++asking;
        co_await flights.get("key", fetch);
    };
    // No thread ends, and its context with it, while another is still waking it.
    std::barrier<> all_answered(askers);
    std::vector<std::thread> threads;
    for (int i = 0; i < askers; ++i) {
        threads.emplace_back([&] {
            await(ask());
            all_answered.arrive_and_wait();
        });
    }
    for (std::thread& thread : threads) thread.join();
    return fetches;
}

TEST(Flights, FetchOnceForAllWhoAskAtTheSameTime) {
    for (int round = 0; round < 50; ++round) {
        ASSERT_EQ(fetches_for_concurrent_askers<Flights>([] {}), 1);
    }
}

TEST(Flights, TheTestWouldNoticeIfTheyDidNot) {
    std::barrier<> everybody_fetches(askers);
    const auto meet = [&] { everybody_fetches.arrive_and_wait(); };

    EXPECT_GT(fetches_for_concurrent_askers<CarelessFlights>(meet), 1);
}

TEST(Trees, FetchEachFileOnceForAllThreads) {
    const std::string home = "mem://threads";
    const TemporaryFolder folder;
    SystemClock clock;
    Workers workers(2);
    testing::RemoteStore store(clock);
    TreesOptions options;
    options.max_range_size_bytes = 1'000;
    testing::Records records;
    for (int i = 100; i < 200; ++i) {
        records["k" + std::to_string(i)] = testing::value_of(std::to_string(i));
    }
    testing::MapChanges source(records);
    const Tree tree{home, await(Trees(store, workers, options).write(home, source, {}))};
    options.disk_cache_folder = folder.path();
    options.memory_cache_bytes = 64 * 1024;  // so that blocks come and go
    Trees trees(store, workers, options);
    const auto files = static_cast<int>(await(trees.ranges(tree)).size()) + 1;

    std::atomic<int> good = 0;
    std::barrier<> all_answered(askers);
    std::vector<std::thread> threads;
    for (int i = 0; i < askers; ++i) {
        threads.emplace_back([&] {
            if (await(testing::read_tree(trees, tree)) == records) ++good;
            if (await(trees.find(tree, "k150")) == records.at("k150")) ++good;
            all_answered.arrive_and_wait();
        });
    }
    for (std::thread& thread : threads) thread.join();

    EXPECT_EQ(good, 2 * askers);
    EXPECT_EQ(store.opened_whole, files);
}

}  // namespace
}  // namespace tarn::committed
