#include "committed/trees.h"

#include <gtest/gtest.h>

#include <string>

#include "base/error.h"
#include "base/testing/await.h"
#include "block/memory/memory_store.h"
#include "committed/testing/changes.h"
#include "committed/testing/remote_store.h"
#include "sstable/testing/memory_table.h"

namespace tarn::committed {
namespace {

using testing::Changes;
using testing::MapChanges;
using testing::Records;
using testing::value_of;

const std::string home = "mem://trees";
const std::string empty_tree = "00fb7eff1a97c500eb3ca8d2ef5464131d6b6a5f9512e41eba97843522213b66";

class TreesTest : public ::testing::Test {
protected:
    TreesTest() : trees_(store_, workers_, small_ranges()) {}

    static TreesOptions small_ranges() {
        TreesOptions options;
        options.max_range_size_bytes = 600;
        options.range_raggedness_entries = 1'000'000;
        return options;
    }

    Tree grow(const Tree& base, Changes changes) {
        MapChanges source(std::move(changes));
        return {home, await(trees_.apply(base, source)).tree_id};
    }

    // Some forty records in some ranges.
    Tree grown() {
        Changes changes;
        for (int i = 10; i < 50; ++i) {
            changes["k" + std::to_string(i)] = value_of(std::to_string(i));
        }
        return grow({home, ""}, changes);
    }

    Code error_of(Task<std::optional<Value>> task) {
        try {
            await(std::move(task));
        } catch (const Error& error) {
            detail_ = error.detail();
            return error.code();
        }
        return Code::internal;
    }

    std::string stored(const std::string& id) {
        auto opened = await(store_.open({home, "_lakefs/" + id}, std::nullopt));
        return await(read_all(*as_source(std::move(opened->body)), 1 << 30));
    }

    void overwrite(const std::string& id, std::string bytes) {
        const auto body = source_of(std::move(bytes));
        await(store_.put({home, "_lakefs/" + id}, *body, false));
    }

    SystemClock clock_;
    Workers workers_{2};
    testing::RemoteStore store_{clock_};
    Trees trees_;
    std::string detail_;
};

TEST_F(TreesTest, ATreeWithoutIdHasNoRecords) {
    const Tree tree{home, ""};

    EXPECT_EQ(await(trees_.find(tree, "a")), std::nullopt);
    EXPECT_TRUE(await(testing::read_tree(trees_, tree)).empty());
    EXPECT_TRUE(await(trees_.ranges(tree)).empty());
    EXPECT_TRUE(await(trees_.exists(tree)));
}

TEST_F(TreesTest, ATreeOfWhichEverythingIsRemovedIsTheEmptyMetarange) {
    const Tree one = grow({home, ""}, {{"a", value_of("1")}});

    const Tree none = grow(one, {{"a", std::nullopt}});

    EXPECT_EQ(none.id, empty_tree);
    EXPECT_TRUE(await(testing::read_tree(trees_, none)).empty());
    EXPECT_EQ(await(trees_.find(none, "a")), std::nullopt);
}

TEST_F(TreesTest, TellsItsRangesInOrder) {
    const Tree tree = grown();

    const std::vector<RangeInfo> ranges = await(trees_.ranges(tree));

    ASSERT_GT(ranges.size(), 3U);
    std::int64_t count = 0;
    std::string last;
    for (const RangeInfo& range : ranges) {
        EXPECT_LT(last, range.min_key);
        EXPECT_LE(range.min_key, range.max_key);
        last = range.max_key;
        count += range.count;
    }
    EXPECT_EQ(count, 40);
}

TEST_F(TreesTest, AChangeRewritesOnlyTheRangeItFallsInto) {
    const Tree before = grown();
    const auto old_ranges = await(trees_.ranges(before));
    const int puts = store_.puts;

    const Tree after = grow(before, {{old_ranges[2].min_key, value_of("new")}});

    const auto new_ranges = await(trees_.ranges(after));
    ASSERT_EQ(new_ranges.size(), old_ranges.size());
    for (std::size_t i = 0; i < new_ranges.size(); ++i) {
        EXPECT_EQ(new_ranges[i].id == old_ranges[i].id, i != 2) << i;
    }
    EXPECT_EQ(store_.puts - puts, 2);  // the range and the metarange
}

TEST_F(TreesTest, AChangeBeforeARangeRewritesThatRange) {
    const Tree before = grown();
    const auto old_ranges = await(trees_.ranges(before));

    const Tree after = grow(before, {{"a", std::nullopt}, {"k10a", value_of("x")}});

    const auto new_ranges = await(trees_.ranges(after));
    EXPECT_NE(new_ranges[0].id, old_ranges[0].id);
    EXPECT_EQ(new_ranges.back().id, old_ranges.back().id);
}

TEST_F(TreesTest, WritesAFileOnlyOnce) {
    const Tree first = grown();
    const int puts = store_.puts;

    const Tree second = grown();

    EXPECT_EQ(first.id, second.id);
    EXPECT_EQ(store_.puts, puts);
}

TEST_F(TreesTest, AFileThatDisappearedIsWrittenAgain) {
    const Tree tree = grown();
    const std::string lost = await(trees_.ranges(tree)).front().id;
    await(store_.remove({home, "_lakefs/" + lost}));

    grown();

    EXPECT_TRUE(await(store_.stat({home, "_lakefs/" + lost})).has_value());
}

TEST_F(TreesTest, FurtherPropertiesAreInEveryFileAndInItsId) {
    const std::map<std::string, std::string> properties = {{"entity", "tag"}};
    MapChanges plain(Records{{"v1", value_of("1")}});
    MapChanges tagged(Records{{"v1", value_of("1")}});

    const std::string plain_id = await(trees_.write(home, plain, {}));
    const std::string tagged_id = await(trees_.write(home, tagged, properties));

    EXPECT_NE(plain_id, tagged_id);
    const std::string range_id = await(trees_.ranges({home, tagged_id})).front().id;
    for (const std::string& id : {tagged_id, range_id}) {
        const std::string bytes = stored(id);
        EXPECT_EQ(sstable::testing::MemoryTable(bytes).table().properties.at("entity"), "tag");
    }
}

TEST_F(TreesTest, RefusesChangesOutOfOrder) {
    class Disorder final : public ChangeSource {
        Task<std::vector<Change>> next() override {
            if (std::exchange(done_, true)) co_return std::vector<Change>();
            std::vector<Change> changes;
            changes.push_back({"b", value_of("1")});
            changes.push_back({"a", value_of("1")});
            co_return changes;
        }
        bool done_ = false;
    };
    Disorder changes;

    EXPECT_THROW(await(trees_.apply({home, ""}, changes)), Error);
}

TEST_F(TreesTest, MissingFilesAreNotFound) {
    const Tree tree = grown();
    await(store_.remove({home, "_lakefs/" + await(trees_.ranges(tree)).front().id}));

    EXPECT_EQ(error_of(trees_.find({home, std::string(64, 'a')}, "k")), Code::not_found);
    EXPECT_EQ(detail_, "no_such_range");
    EXPECT_EQ(error_of(trees_.find(tree, "k10")), Code::not_found);
    EXPECT_EQ(detail_, "no_such_range");
    EXPECT_FALSE(await(trees_.exists({home, std::string(64, 'a')})));
}

TEST_F(TreesTest, NamesThatAreNoIdsAreNotFound) {
    EXPECT_EQ(error_of(trees_.find({home, "../secret"}, "k")), Code::not_found);
    EXPECT_FALSE(await(trees_.exists({home, "../secret"})));
}

TEST_F(TreesTest, ARangeIsNoTree) {
    const std::string range = await(trees_.ranges(grown())).front().id;

    EXPECT_EQ(error_of(trees_.find({home, range}, "k10")), Code::corrupted);
}

TEST_F(TreesTest, DamagedFilesAreCorrupted) {
    const Tree tree = grown();
    const std::string range = await(trees_.ranges(tree)).front().id;
    std::string bytes = stored(range);
    bytes[3] = static_cast<char>(bytes[3] ^ 1);
    overwrite(range, bytes);

    EXPECT_EQ(error_of(trees_.find(tree, "k10")), Code::corrupted);
    overwrite(range, "no range file");
    Trees others(store_, workers_, small_ranges());
    EXPECT_EQ(error_of(others.find(tree, "k10")), Code::corrupted);
}

TEST_F(TreesTest, FailsWhenARangeCannotBeStored) {
    store_.refuses_puts = true;
    MapChanges changes(Records{{"a", value_of("1")}});

    try {
        await(trees_.apply({home, ""}, changes));
        FAIL() << "stored nothing and succeeded";
    } catch (const Error& error) {
        EXPECT_EQ(error.code(), Code::unavailable);
    }
}

TEST_F(TreesTest, ReplacingTakesTheRangesThatNothingTouches) {
    const Tree destination = grown();
    const auto before = await(trees_.ranges(destination));
    const Tree source = grow({home, ""}, {{"m1", value_of("new")}, {"m2", value_of("new")}});

    const Merged replaced = await(trees_.replace(source, destination, {"m"}));

    const auto after = await(trees_.ranges({home, replaced.tree_id}));
    ASSERT_EQ(after.size(), before.size() + 1);
    for (std::size_t i = 0; i < before.size(); ++i) EXPECT_EQ(after[i].id, before[i].id);
    EXPECT_EQ(replaced.summary.added, 2);
}

TEST_F(TreesTest, ReplacingDropsWholeRangesWithoutReadingThem) {
    const Tree destination = grown();
    const auto ranges = await(trees_.ranges(destination));
    for (const RangeInfo& range : ranges) await(store_.remove({home, "_lakefs/" + range.id}));
    const Tree source = grow({home, ""}, {{"z", value_of("new")}});
    Trees cold(store_, workers_, small_ranges());

    const Merged replaced = await(cold.replace(source, destination, {"k"}));

    EXPECT_EQ(await(testing::read_tree(cold, {home, replaced.tree_id})),
              (Records{{"z", value_of("new")}}));
    EXPECT_EQ(replaced.summary.removed, 40);
}

TEST_F(TreesTest, MergingIntoAnUnchangedDestinationGivesTheSource) {
    const Tree base = grown();
    const Tree source = grow(base, {{"k10", std::nullopt}, {"k11", value_of("x")}});

    const Merged merged = await(trees_.merge(source, base, base, Strategy::none));

    EXPECT_EQ(merged.tree_id, source.id);
    EXPECT_EQ(merged.summary.removed, 1);
    EXPECT_EQ(merged.summary.changed, 1);
}

}  // namespace
}  // namespace tarn::committed
