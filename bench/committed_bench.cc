// Trees of a million records over the local store: what a stat, a listing, a commit and a diff
// cost.

#include <benchmark/benchmark.h>
#include <stdlib.h>

#include <cstdio>
#include <filesystem>
#include <random>
#include <string>

#include "base/bytes.h"
#include "base/digest.h"
#include "base/testing/await.h"
#include "base/testing/temporary_folder.h"
#include "block/local/local_store.h"
#include "committed/testing/changes.h"
#include "committed/trees.h"

namespace tarn::committed {
namespace {

constexpr int records_count = 1'000'000;
const std::string home = "local://bench";

std::string key_of(int number) {
    char key[48];
    std::snprintf(key, sizeof key, "data/part-%04d/file-%09d.parquet", number / 4'000, number);
    return key;
}

class Numbered final : public ChangeSource {
public:
    Task<std::vector<Change>> next() override {
        std::vector<Change> changes;
        for (int i = 0; i < 1'000 && number_ < records_count; ++i, ++number_) {
            const Sha256Digest digest = sha256(std::to_string(number_));
            changes.push_back(
                {key_of(number_), Value{std::string(as_view(digest)), std::string(150, 'd')}});
        }
        co_return changes;
    }

private:
    int number_ = 0;
};

struct Lake {
    Lake() {
        block::LocalOptions options;
        options.root = folder.path();
        store = std::make_unique<block::LocalStore>(options, workers);
        trees = std::make_unique<Trees>(*store, workers, TreesOptions{});
        Numbered records;
        tree = {home, await(trees->write(home, records, {}))};
    }

    const TemporaryFolder folder;
    Workers workers{2};
    std::unique_ptr<block::LocalStore> store;
    std::unique_ptr<Trees> trees;
    Tree tree;
};

Lake& lake() {
    static Lake made;
    return made;
}

// Rounds of a benchmark run inside one task, so that the cost of starting a loop is left out.
Task<void> find_random(benchmark::State& state, int keys) {
    std::mt19937_64 random(1);
    for (auto _ : state) {
        std::string key = key_of(static_cast<int>(random() % static_cast<unsigned>(keys)));
        const std::optional<Value> found = co_await lake().trees->find(lake().tree, std::move(key));
        if (!found) state.SkipWithError("not found");
    }
}

void BM_FindAmong(benchmark::State& state) {
    lake();
    await(find_random(state, static_cast<int>(state.range(0))));
}
BENCHMARK(BM_FindAmong)->Arg(100'000)->Arg(records_count);

Task<void> list_thousand(benchmark::State& state, int keys) {
    std::mt19937_64 random(1);
    for (auto _ : state) {
        const std::string from = key_of(static_cast<int>(random() % static_cast<unsigned>(keys)));
        const auto it = lake().trees->iterate(lake().tree);
        std::uint64_t bytes = 0;
        bool valid = co_await it->seek(from);
        for (int i = 0; valid && i < 1'000; ++i) {
            bytes += it->record().key.size() + it->record().data.size();
            valid = it->step();
            if (!valid) valid = co_await it->cross();
        }
        benchmark::DoNotOptimize(bytes);
    }
}

void BM_ListThousandAmong(benchmark::State& state) {
    lake();
    await(list_thousand(state, static_cast<int>(state.range(0))));
}
BENCHMARK(BM_ListThousandAmong)
    ->Arg(100'000)
    ->Arg(records_count - 1'000)
    ->Unit(benchmark::kMicrosecond);

Applied apply_one(int round) {
    testing::MapChanges changes(testing::Records{
        {key_of(round * 7'919 % records_count), testing::value_of(std::to_string(round))}});
    return await(lake().trees->apply(lake().tree, changes));
}

void BM_CommitOneOfAMillion(benchmark::State& state) {
    lake();
    int round = 1;
    for (auto _ : state) benchmark::DoNotOptimize(apply_one(round++));
}
BENCHMARK(BM_CommitOneOfAMillion)->Unit(benchmark::kMillisecond)->Iterations(20);

void BM_DiffOneOfAMillion(benchmark::State& state) {
    const Applied changed = apply_one(1'000'003);
    for (auto _ : state) {
        const auto all =
            await(testing::read_diff(*lake().trees, lake().tree, {home, changed.tree_id}, ""));
        if (all.size() != 1) state.SkipWithError("not one difference");
    }
}
BENCHMARK(BM_DiffOneOfAMillion)->Unit(benchmark::kMillisecond);

void BM_WriteAMillion(benchmark::State& state) {
    for (auto _ : state) {
        Numbered records;
        benchmark::DoNotOptimize(await(lake().trees->write("local://other", records, {})));
    }
    state.SetItemsProcessed(state.iterations() * records_count);
}
BENCHMARK(BM_WriteAMillion)->Unit(benchmark::kMillisecond)->Iterations(2);

}  // namespace
}  // namespace tarn::committed

BENCHMARK_MAIN();
