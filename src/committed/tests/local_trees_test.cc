#include <gtest/gtest.h>

#include <string>

#include "base/testing/await.h"
#include "base/testing/temporary_folder.h"
#include "block/local/local_store.h"
#include "committed/testing/changes.h"
#include "committed/trees.h"

namespace tarn::committed {
namespace {

namespace fs = std::filesystem;

const std::string home = "local://lake";

block::LocalOptions options_in(const fs::path& folder) {
    fs::create_directories(folder);
    block::LocalOptions options;
    options.root = folder;
    return options;
}

TEST(LocalTrees, AreReadInPlace) {
    const TemporaryFolder folder;
    Workers workers(2);
    block::LocalStore store(options_in(folder.path() / "objects"), workers);
    TreesOptions options;
    options.disk_cache_folder = folder.path() / "cache";
    options.max_range_size_bytes = 20'000;
    Trees trees(store, workers, options);
    testing::Records records;
    for (int i = 1'000; i < 3'000; ++i) {
        records["k" + std::to_string(i)] = testing::value_of(std::to_string(i));
    }
    testing::MapChanges source(records, 100);

    const Tree tree{home, await(trees.write(home, source, {}))};
    testing::MapChanges change(testing::Records{{"k1500", testing::value_of("new")}});
    const Applied applied = await(trees.apply(tree, change));

    EXPECT_EQ(await(testing::read_tree(trees, tree)), records);
    EXPECT_EQ(await(trees.find(tree, "k1500")), records.at("k1500"));
    EXPECT_EQ(await(testing::read_diff(trees, tree, {home, applied.tree_id}, "")).size(), 1U);
    EXPECT_FALSE(fs::exists(options.disk_cache_folder));
}

}  // namespace
}  // namespace tarn::committed
