#include "committed/internal/disk_cache.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fstream>
#include <string>

#include "base/testing/await.h"
#include "base/testing/temporary_folder.h"
#include "committed/testing/changes.h"
#include "committed/testing/remote_store.h"
#include "committed/trees.h"

namespace tarn::committed {
namespace {

namespace fs = std::filesystem;
using testing::MapChanges;
using testing::Records;

const std::string home = "mem://cache";

class DiskCacheTest : public ::testing::Test {
protected:
    bool fill(DiskCache& cache, const std::string& name, std::string bytes) {
        const auto source = source_of(std::move(bytes));
        return await(cache.fill(name, *source)).has_value();
    }

    // What the cache has under `name`; "-" for nothing.
    std::string read(DiskCache& cache, const std::string& name) {
        const auto range = await(cache.find(name));
        if (!range) return "-";
        return await(read_all(*as_source(*range), 1 << 20));
    }

    std::size_t files() const {
        const fs::directory_iterator all(folder_.path());
        return static_cast<std::size_t>(std::distance(begin(all), end(all)));
    }

    fs::path only_file() const { return fs::directory_iterator(folder_.path())->path(); }

    TemporaryFolder folder_;
    Workers workers_{2};
};

TEST_F(DiskCacheTest, KeepsAFile) {
    DiskCache cache(folder_.path(), 1'000, workers_);

    EXPECT_EQ(read(cache, "a"), "-");
    EXPECT_TRUE(fill(cache, "a", "hello"));
    EXPECT_EQ(read(cache, "a"), "hello");
    EXPECT_EQ(cache.bytes(), 5U);
}

TEST_F(DiskCacheTest, SurvivesARestart) {
    {
        DiskCache cache(folder_.path(), 1'000, workers_);
        fill(cache, "a-b", "hello");
    }
    std::ofstream(folder_.path() / "tmp-rest") << "half a file";

    DiskCache cache(folder_.path(), 1'000, workers_);

    EXPECT_EQ(read(cache, "a-b"), "hello");
    EXPECT_EQ(files(), 1U);
}

TEST_F(DiskCacheTest, FindsOutAfterARestartThatAFileIsDamaged) {
    for (const char* damaged : {"hellO", "hell", "hello!", ""}) {
        {
            DiskCache cache(folder_.path(), 1'000, workers_);
            fill(cache, "a", "hello");
        }
        std::ofstream(only_file(), std::ios::trunc) << damaged;

        DiskCache cache(folder_.path(), 1'000, workers_);

        EXPECT_EQ(read(cache, "a"), "-") << damaged;
        EXPECT_EQ(files(), 0U);
    }
}

TEST_F(DiskCacheTest, RemovesTheLeastRecentlyUsed) {
    DiskCache cache(folder_.path(), 10, workers_);
    fill(cache, "a", "1234");
    fill(cache, "b", "1234");
    read(cache, "a");

    fill(cache, "c", "1234");

    EXPECT_EQ(read(cache, "a"), "1234");
    EXPECT_EQ(read(cache, "b"), "-");
    EXPECT_EQ(read(cache, "c"), "1234");
    EXPECT_EQ(files(), 2U);
}

TEST_F(DiskCacheTest, AFileThatIsRemovedStaysReadableForWhoHasIt) {
    DiskCache cache(folder_.path(), 1'000, workers_);
    fill(cache, "a", "hello");
    const auto range = await(cache.find("a"));

    cache.remove("a");

    EXPECT_EQ(await(read_all(*as_source(*range), 100)), "hello");
    EXPECT_EQ(files(), 0U);
}

TEST_F(DiskCacheTest, ADiskThatTakesNothingIsNoFailure) {
    DiskCache cache(folder_.path() / "cache", 1'000, workers_);
    fs::remove_all(folder_.path() / "cache");

    EXPECT_FALSE(fill(cache, "a", "hello"));
    EXPECT_EQ(read(cache, "a"), "-");
}

class CachedTrees : public DiskCacheTest {
protected:
    CachedTrees() {
        options_.disk_cache_folder = folder_.path();
        options_.max_range_size_bytes = 2'000;
        for (int i = 100; i < 200; ++i) {
            records_["k" + std::to_string(i)] = testing::value_of(std::to_string(i));
        }
        Trees trees(store_, workers_, TreesOptions{});
        MapChanges source(records_);
        tree_ = {home, await(trees.write(home, source, {}))};
    }

    void damage_cached_files() const {
        for (const auto& file : fs::recursive_directory_iterator(folder_.path())) {
            if (!file.is_regular_file()) continue;
            std::fstream stream(file.path(), std::ios::in | std::ios::out | std::ios::binary);
            stream.seekp(20);
            stream << "damaged";
        }
    }

    TreesOptions options_;
    SystemClock clock_;
    testing::RemoteStore store_{clock_};
    Records records_;
    Tree tree_;
};

TEST_F(CachedTrees, FetchEachFileOnce) {
    Trees trees(store_, workers_, options_);

    EXPECT_EQ(await(testing::read_tree(trees, tree_)), records_);
    const int opened = store_.opened_whole;
    EXPECT_EQ(await(testing::read_tree(trees, tree_)), records_);
    Trees restarted(store_, workers_, options_);
    EXPECT_EQ(await(testing::read_tree(restarted, tree_)), records_);

    EXPECT_EQ(opened, 2);  // the metarange and its range
    EXPECT_EQ(store_.opened_whole, opened);
    EXPECT_EQ(store_.opened_ranges, 0);
}

TEST_F(CachedTrees, FetchAgainWhatWasDamagedWhileTheyWereDown) {
    await(testing::read_tree(*std::make_unique<Trees>(store_, workers_, options_), tree_));
    damage_cached_files();
    const int opened = store_.opened_whole;

    Trees restarted(store_, workers_, options_);

    EXPECT_EQ(await(testing::read_tree(restarted, tree_)), records_);
    EXPECT_EQ(store_.opened_whole, opened + 2);
}

TEST_F(CachedTrees, FetchAgainWhatIsDamagedUnderThem) {
    options_.memory_cache_bytes = 0;
    Trees trees(store_, workers_, options_);
    await(testing::read_tree(trees, tree_));
    damage_cached_files();

    EXPECT_EQ(await(testing::read_tree(trees, tree_)), records_);
    const auto again = await(trees.diff({home, ""}, tree_)->seek(""));
    EXPECT_TRUE(again);
}

TEST_F(CachedTrees, ReadStretchesWithoutADiskCache) {
    options_.disk_cache_folder.clear();
    Trees trees(store_, workers_, options_);

    EXPECT_EQ(await(testing::read_tree(trees, tree_)), records_);
    EXPECT_EQ(await(trees.find(tree_, "k150")), records_.at("k150"));
    EXPECT_GT(store_.opened_ranges, 0);
}

TEST_F(CachedTrees, KeepWhatTheyWrite) {
    Trees trees(store_, workers_, options_);
    MapChanges changes(Records{{"new", testing::value_of("new")}});
    const Applied applied = await(trees.apply(tree_, changes));
    const int opened = store_.opened_whole;

    EXPECT_TRUE(await(trees.find({home, applied.tree_id}, "new")).has_value());

    EXPECT_EQ(store_.opened_whole, opened);
}

}  // namespace
}  // namespace tarn::committed
