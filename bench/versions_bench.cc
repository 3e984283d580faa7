// What the operations of versions cost, over the key-value store in memory and on RocksDB: reads by
// branch, listing, staging, stage and commit, a commit of many entries.

#include <benchmark/benchmark.h>
#include <fmt/format.h>

#include "base/testing/await.h"
#include "kv/memory/memory_store.h"
#include "kv/testing/opened_rocksdb.h"
#include "versions/history.h"
#include "versions/read.h"
#include "versions/stage.h"
#include "versions/testing/house.h"

namespace tarn::versions {
namespace {

struct MemoryLake {
    kv::MemoryStore store;
    kv::Store& kv() { return store; }
};

struct RocksdbLake {
    kv::OpenedRocksdb opened;
    kv::Store& kv() { return *opened.store; }
};

template <class Lake>
class Bench {
public:
    // `committed` entries under "c/", then `staged` ones under "s/".
    Bench(int committed, int staged) {
        write("c/", committed);
        if (committed > 0) save();
        write("s/", staged);
    }

    void write(const std::string& prefix, int count) { await(write_all(prefix, count)); }

    Task<void> write_all(std::string prefix, int count) {
        for (int i = 0; i < count; ++i) {
            committed::Value value = value_of(fmt::format("{:0100}", i));
            std::string key = fmt::format("{}{:07}", prefix, i);
            co_await put(house.stores, repository, "main", std::move(key), std::move(value), {});
        }
    }

    Task<refs::Commit> commit_now() {
        CommitRequest request;
        request.branch = "main";
        request.committer = "bench";
        return commit(house.stores, repository, request);
    }

    void save() { await(commit_now()); }

    Lake lake;
    House house{lake.kv(), {.trees = {}}};
    const refs::Repository repository = house.create_repository("bench");
};

// Runs `body` for all iterations on one context, as a core does.
template <class Body>
void on_one_core(benchmark::State& state, Body body) {
    await([](benchmark::State& loop, Body& once) -> Task<void> {
        for ([[maybe_unused]] auto _ : loop) co_await once();
    }(state, body));
}

template <class Lake>
void get_committed(benchmark::State& state) {
    Bench<Lake> bench(10'000, 10);
    int i = 0;
    on_one_core(state, [&]() -> Task<void> {
        std::string key = fmt::format("c/{:07}", i++ * 7919 % 10'000);
        auto found = co_await get(bench.house.stores, bench.repository, "main", std::move(key));
        benchmark::DoNotOptimize(found);
    });
}

template <class Lake>
void get_staged(benchmark::State& state) {
    Bench<Lake> bench(0, 1'000);
    int i = 0;
    on_one_core(state, [&]() -> Task<void> {
        std::string key = fmt::format("s/{:07}", i++ % 1'000);
        auto found = co_await get(bench.house.stores, bench.repository, "main", std::move(key));
        benchmark::DoNotOptimize(found);
    });
}

template <class Lake>
void get_at_commit(benchmark::State& state) {
    Bench<Lake> bench(10'000, 0);
    const refs::Resolved head = await(bench.house.refs.resolve(bench.repository, "main"));
    int i = 0;
    on_one_core(state, [&]() -> Task<void> {
        std::string key = fmt::format("c/{:07}", i++ * 7919 % 10'000);
        auto found =
            co_await get(bench.house.stores, bench.repository, head.commit_id, std::move(key));
        benchmark::DoNotOptimize(found);
    });
}

template <class Lake>
void list_1000(benchmark::State& state) {
    Bench<Lake> bench(100'000, static_cast<int>(state.range(0)));
    int i = 0;
    on_one_core(state, [&]() -> Task<void> {
        ListQuery query;
        query.after = fmt::format("c/{:07}", i++ * 7919 % 90'000);
        auto page = co_await list(bench.house.stores, bench.repository, "main", std::move(query));
        benchmark::DoNotOptimize(page);
    });
}

template <class Lake>
void put_one(benchmark::State& state) {
    Bench<Lake> bench(0, 0);
    int i = 0;
    on_one_core(state, [&]() -> Task<void> {
        committed::Value value = value_of("content");
        std::string key = fmt::format("s/{:07}", i++ % 1'000);
        co_await put(bench.house.stores, bench.repository, "main", std::move(key), std::move(value),
                     {});
    });
}

template <class Lake>
void stage_and_commit(benchmark::State& state) {
    Bench<Lake> bench(100, 0);
    int i = 0;
    on_one_core(state, [&]() -> Task<void> {
        committed::Value value = value_of(fmt::format("content {}", i));
        std::string key = fmt::format("c/{:07}", i++ % 100);
        co_await put(bench.house.stores, bench.repository, "main", std::move(key), std::move(value),
                     {});
        auto made = co_await bench.commit_now();
        benchmark::DoNotOptimize(made);
    });
}

void commit_100000(benchmark::State& state) {
    for ([[maybe_unused]] auto _ : state) {
        state.PauseTiming();
        auto bench = std::make_unique<Bench<MemoryLake>>(0, 100'000);
        state.ResumeTiming();
        bench->save();
        state.PauseTiming();
        bench.reset();
        state.ResumeTiming();
    }
}

BENCHMARK(get_committed<MemoryLake>);
BENCHMARK(get_committed<RocksdbLake>);
BENCHMARK(get_staged<MemoryLake>);
BENCHMARK(get_staged<RocksdbLake>);
BENCHMARK(get_at_commit<MemoryLake>);
BENCHMARK(list_1000<MemoryLake>)->Arg(0)->Arg(100);
BENCHMARK(list_1000<RocksdbLake>)->Arg(0);
BENCHMARK(put_one<MemoryLake>)->MeasureProcessCPUTime();
BENCHMARK(put_one<RocksdbLake>)->MeasureProcessCPUTime();
BENCHMARK(stage_and_commit<MemoryLake>)->MeasureProcessCPUTime();
BENCHMARK(stage_and_commit<RocksdbLake>)->MeasureProcessCPUTime();
BENCHMARK(commit_100000)->Iterations(2)->Unit(benchmark::kMillisecond)->MeasureProcessCPUTime();

}  // namespace
}  // namespace tarn::versions

BENCHMARK_MAIN();
