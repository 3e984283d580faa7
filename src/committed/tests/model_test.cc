#include "committed/testing/model.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <string>

#include "base/error.h"
#include "base/testing/await.h"
#include "block/memory/memory_store.h"
#include "committed/testing/changes.h"
#include "committed/trees.h"

namespace tarn::committed {
namespace {

using testing::Changes;
using testing::MapChanges;
using testing::Records;

const std::string home = "mem://model";

TreesOptions options_with_small_ranges(int raggedness) {
    TreesOptions options;
    options.min_range_size_bytes = 200;
    options.max_range_size_bytes = 4'000;
    options.range_raggedness_entries = static_cast<std::uint64_t>(raggedness);
    options.uploaders_per_writer = 2;
    return options;
}

// Random trees over few keys, so that everything collides.
class ModelOf : public ::testing::TestWithParam<int> {
protected:
    struct Grown {
        Tree tree;
        Records records;
    };

    Grown grow(const Grown& base, const Changes& changes) {
        MapChanges source(changes, 1 + random_() % 20);
        Summary expected;
        Records records = testing::model_apply(base.records, changes, expected);
        const Applied applied = await(trees_.apply(base.tree, source));
        EXPECT_EQ(applied.summary.added, expected.added);
        EXPECT_EQ(applied.summary.changed, expected.changed);
        EXPECT_EQ(applied.summary.removed, expected.removed);
        return {{home, applied.tree_id}, std::move(records)};
    }

    // Changes in a window of the keys: some trees differ everywhere, some in one place.
    Changes random_changes() {
        Changes changes;
        const unsigned from = random_() % 300;
        const unsigned window = 1 + random_() % (random_() % 3 == 0 ? 300 : 30);
        const unsigned count = random_() % (random_() % 4 == 0 ? 120 : 12);
        for (unsigned i = 0; i < count; ++i) {
            const std::string key =
                "k/" + std::to_string(1'000 + (from + random_() % window) % 300);
            if (random_() % 3 == 0) {
                changes[key] = std::nullopt;
            } else {
                // Few contents, so that equal identities meet under different keys.
                changes[key] = testing::value_of(std::to_string(random_() % 4));
            }
        }
        return changes;
    }

    Records read(const Tree& tree) { return await(testing::read_tree(trees_, tree)); }

    std::mt19937_64 random_{static_cast<std::uint64_t>(GetParam())};
    SystemClock clock_;
    Workers workers_{1};
    block::MemoryStore store_{clock_};
    Trees trees_{store_, workers_, options_with_small_ranges(2 + GetParam() % 9)};
};

void expect_same(const std::vector<DiffEntry>& left, const std::vector<DiffEntry>& right) {
    ASSERT_EQ(left.size(), right.size());
    for (std::size_t i = 0; i < left.size(); ++i) {
        EXPECT_EQ(left[i].type, right[i].type);
        EXPECT_EQ(left[i].key, right[i].key);
        EXPECT_EQ(left[i].left, right[i].left);
        EXPECT_EQ(left[i].right, right[i].right);
    }
}

TEST_P(ModelOf, ApplyGivesTheChangedRecords) {
    Grown tree{{home, ""}, {}};
    for (int round = 0; round < 12; ++round) {
        tree = grow(tree, random_changes());

        ASSERT_EQ(read(tree.tree), tree.records);
    }
}

TEST_P(ModelOf, FindAndSeekAgreeWithTheRecords) {
    Grown tree{{home, ""}, {}};
    for (int round = 0; round < 4; ++round) tree = grow(tree, random_changes());

    const auto it = trees_.iterate(tree.tree);
    for (int i = 0; i < 300; i += 7) {
        const std::string key = "k/" + std::to_string(1'000 + i);
        const auto expected = tree.records.lower_bound(key);
        const std::optional<Value> found = await(trees_.find(tree.tree, key));
        EXPECT_EQ(found.has_value(), tree.records.contains(key));
        if (found) EXPECT_EQ(*found, tree.records.at(key));
        const bool valid = await(it->seek(key));
        ASSERT_EQ(valid, expected != tree.records.end());
        if (valid) EXPECT_EQ(it->record().key, expected->first);
    }
}

TEST_P(ModelOf, DiffGivesTheDifferences) {
    for (int round = 0; round < 6; ++round) {
        const Grown base = grow(grow({{home, ""}, {}}, random_changes()), random_changes());
        const Grown left = grow(base, random_changes());
        const Grown right = grow(base, random_changes());
        const auto expected = testing::model_diff(left.records, right.records);

        const auto all = await(testing::read_diff(trees_, left.tree, right.tree, ""));
        const std::string from = "k/" + std::to_string(1'000 + random_() % 300);
        const auto some = await(testing::read_diff(trees_, left.tree, right.tree, from));

        expect_same(all, expected);
        std::vector<DiffEntry> later;
        for (const DiffEntry& entry : expected) {
            if (entry.key >= from) later.push_back(entry);
        }
        expect_same(some, later);
    }
}

TEST_P(ModelOf, ReplaceGivesTheSourceAndWhatNoPrefixDrops) {
    for (int round = 0; round < 5; ++round) {
        Grown source{{home, ""}, {}};
        Grown destination{{home, ""}, {}};
        for (int i = 0; i < 4; ++i) source = grow(source, random_changes());
        destination = random_() % 2 == 0 ? source : destination;
        for (int i = 0; i < 4; ++i) destination = grow(destination, random_changes());
        std::vector<std::string> prefixes;
        for (unsigned i = 0; i < random_() % 4; ++i) {
            prefixes.push_back("k/" + std::to_string(10 + random_() % 4));
            if (random_() % 2 == 0) prefixes.back() += std::to_string(random_() % 10);
        }
        Records expected = source.records;
        for (const auto& [key, value] : destination.records) {
            const bool dropped = std::ranges::any_of(
                prefixes, [&key](const std::string& prefix) { return key.starts_with(prefix); });
            if (!dropped) expected.emplace(key, value);
        }

        const Merged replaced = await(trees_.replace(source.tree, destination.tree, prefixes));

        ASSERT_EQ(read({home, replaced.tree_id}), expected);
        const auto growth = static_cast<std::int64_t>(expected.size()) -
                            static_cast<std::int64_t>(destination.records.size());
        EXPECT_GE(replaced.summary.added, growth);
    }
}

TEST_P(ModelOf, MergeGivesTheMergedRecordsOrAConflict) {
    for (int round = 0; round < 12; ++round) {
        Grown base = grow({{home, ""}, {}}, random_changes());
        for (int i = 0; i < 3; ++i) base = grow(base, random_changes());
        const Grown source = grow(base, random_changes());
        const Grown destination = grow(base, random_changes());
        for (const Strategy strategy :
             {Strategy::none, Strategy::source_wins, Strategy::destination_wins}) {
            const auto expected =
                testing::model_merge(source.records, destination.records, base.records, strategy);
            try {
                const Merged merged =
                    await(trees_.merge(source.tree, destination.tree, base.tree, strategy));
                ASSERT_TRUE(expected.has_value());
                EXPECT_EQ(read({home, merged.tree_id}), *expected);
                const Summary summary =
                    testing::summary_of(testing::model_diff(destination.records, *expected));
                EXPECT_EQ(merged.summary.added, summary.added);
                EXPECT_EQ(merged.summary.changed, summary.changed);
                EXPECT_EQ(merged.summary.removed, summary.removed);
            } catch (const Error& error) {
                EXPECT_FALSE(expected.has_value()) << error.message();
                EXPECT_EQ(error.detail(), "merge_conflict");
            }
        }
    }
}

INSTANTIATE_TEST_SUITE_P(Seeds, ModelOf, ::testing::Range(1, 13));

}  // namespace
}  // namespace tarn::committed
