// The embedded store: durable writes by many callers, reads in place, pages, and reads beside
// dropped partitions. CPU is that of the whole process; items are operations.

#include <benchmark/benchmark.h>

#include <memory>
#include <string>
#include <vector>

#include "base/signal.h"
#include "base/testing/await.h"
#include "base/testing/temporary_folder.h"
#include "base/workers.h"
#include "kv/rocksdb/rocksdb_store.h"

namespace tarn::kv {
namespace {

constexpr int puts_per_caller = 16;
const std::string staged_value(250, 'v');

struct Opened {
    Opened() {
        RocksdbOptions options;
        options.folder = folder.path() / "kv";
        store = std::make_unique<RocksdbStore>(options, workers);
    }
    TemporaryFolder folder;
    Workers workers{2};
    std::unique_ptr<RocksdbStore> store;
};

std::string key_name(int at) {
    return "path/to/object-" + std::to_string(100'000'000 + at);
}

Task<void> put_some(Store& store, std::string partition, int first, int count) {
    for (int at = first; at < first + count; ++at) {
        co_await put(store, {partition, key_name(at)}, staged_value);
    }
}

// `count` keys of one partition, by 256 callers.
void fill(Store& store, const std::string& partition, int count) {
    constexpr int callers = 256;
    const int each = (count + callers - 1) / callers;
    std::vector<std::function<Task<void>()>> tasks;
    for (int first = 0; first < count; first += each) {
        const int some = std::min(each, count - first);
        tasks.emplace_back(
            [&store, partition, first, some] { return put_some(store, partition, first, some); });
    }
    await(run_all(tasks, callers));
}

void durable_put(benchmark::State& state) {
    const Opened opened;
    const int callers = static_cast<int>(state.range(0));
    for (auto _ : state) {
        std::vector<std::function<Task<void>()>> tasks;
        for (int caller = 0; caller < callers; ++caller) {
            const int first = caller * puts_per_caller;
            tasks.emplace_back([&opened, first] {
                return put_some(*opened.store, "token", first, puts_per_caller);
            });
        }
        await(run_all(tasks, callers));
    }
    state.SetItemsProcessed(state.iterations() * callers * puts_per_caller);
}
BENCHMARK(durable_put)->Arg(1)->Arg(16)->Arg(64)->UseRealTime()->MeasureProcessCPUTime();

Task<void> repeat_call(Store& store, std::vector<Step> steps, benchmark::State& state) {
    for (auto _ : state) co_await store.run(steps);
}

void find_one(benchmark::State& state) {
    const Opened opened;
    fill(*opened.store, "branches", 1000);
    const std::vector<Step> steps{Find{{"branches", key_name(7)}}};
    await(repeat_call(*opened.store, steps, state));
    state.SetItemsProcessed(state.iterations());
}
BENCHMARK(find_one)->MeasureProcessCPUTime();

Task<void> find_all(Store& store, int count, benchmark::State& state) {
    int at = 0;
    for (auto _ : state) {
        at = (at + 7919) % count;
        co_await find(store, {"token", key_name(at)});
    }
}

void find_among(benchmark::State& state) {
    const Opened opened;
    const int count = static_cast<int>(state.range(0));
    fill(*opened.store, "token", count);
    await(find_all(*opened.store, count, state));
    state.SetItemsProcessed(state.iterations());
}
BENCHMARK(find_among)->Arg(10'000)->Arg(100'000)->MeasureProcessCPUTime();

// What a GET on a branch asks: the key in staging and sealed tokens, then the branch record.
void probe_tokens_then_branch(benchmark::State& state) {
    const Opened opened;
    fill(*opened.store, "branches", 1000);
    fill(*opened.store, "token-0", 10'000);
    std::vector<Step> steps;
    for (int token = 0; token < state.range(0); ++token) {
        steps.emplace_back(Find{{"token-" + std::to_string(token), "not staged"}});
    }
    steps.emplace_back(Find{{"branches", key_name(7)}});
    await(repeat_call(*opened.store, steps, state));
    state.SetItemsProcessed(state.iterations());
}
BENCHMARK(probe_tokens_then_branch)->Arg(1)->Arg(3)->MeasureProcessCPUTime();

void put_then_find_branch(benchmark::State& state) {
    const Opened opened;
    fill(*opened.store, "branches", 1000);
    const std::vector<Step> steps{Put{{"token", "k"}, staged_value},
                                  Find{{"branches", key_name(7)}}};
    await(repeat_call(*opened.store, steps, state));
    state.SetItemsProcessed(state.iterations());
}
BENCHMARK(put_then_find_branch)->UseRealTime()->MeasureProcessCPUTime();

Task<void> scan_pages(Store& store, int limit, benchmark::State& state) {
    std::string from;
    for (auto _ : state) {
        const auto page = co_await store.scan("token", from, limit);
        from = page.size() < static_cast<std::size_t>(limit) ? "" : page.back().name + '\0';
    }
}

void scan_page(benchmark::State& state) {
    const Opened opened;
    fill(*opened.store, "token", 50'000);
    const int limit = static_cast<int>(state.range(0));
    await(scan_pages(*opened.store, limit, state));
    state.SetItemsProcessed(state.iterations() * limit);
}
BENCHMARK(scan_page)->Arg(20)->Arg(1000)->UseRealTime()->MeasureProcessCPUTime();

void scan_empty_partition(benchmark::State& state) {
    const Opened opened;
    fill(*opened.store, "token", 10'000);
    for (auto _ : state) await(opened.store->scan("token-none", "", 1000));
    state.SetItemsProcessed(state.iterations());
}
BENCHMARK(scan_empty_partition)->MeasureProcessCPUTime();

Task<void> drop_many(Store& store, int partitions) {
    for (int at = 0; at < partitions; ++at) {
        co_await put_some(store, "dropped-" + std::to_string(at), 0, 4);
        co_await store.drop("dropped-" + std::to_string(at));
    }
}

// Pages and lists of partitions after thousands of drops.
void look_after_drops(benchmark::State& state) {
    const Opened opened;
    fill(*opened.store, "token", 20'000);
    constexpr int lanes = 16;
    const int each = static_cast<int>(state.range(0)) / lanes;
    std::vector<std::function<Task<void>()>> tasks;
    for (int lane = 0; lane < lanes; ++lane) {
        tasks.emplace_back([&opened, each] { return drop_many(*opened.store, each); });
    }
    await(run_all(tasks, lanes));
    for (auto _ : state) {
        await(opened.store->partitions("", 1000));
        await(opened.store->scan("dropped-7", "", 1000));
    }
}
BENCHMARK(look_after_drops)->Arg(0)->Arg(3200)->UseRealTime()->MeasureProcessCPUTime();

void drop_partition(benchmark::State& state) {
    const Opened opened;
    const int count = static_cast<int>(state.range(0));
    for (auto _ : state) {
        state.PauseTiming();
        fill(*opened.store, "token", count);
        state.ResumeTiming();
        await(opened.store->drop("token"));
    }
    state.SetItemsProcessed(state.iterations() * count);
}
BENCHMARK(drop_partition)->Arg(20'000)->Iterations(3)->UseRealTime()->MeasureProcessCPUTime();

void open_small(benchmark::State& state) {
    const TemporaryFolder folder;
    Workers workers(1);
    const RocksdbOptions options{.folder = folder.path() / "kv"};
    {
        RocksdbStore store(options, workers);
        fill(store, "token", 10'000);
    }
    for (auto _ : state) const RocksdbStore store(options, workers);
}
BENCHMARK(open_small)
    ->Iterations(20)
    ->UseRealTime()
    ->MeasureProcessCPUTime()
    ->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace tarn::kv

BENCHMARK_MAIN();
