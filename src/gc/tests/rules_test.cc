#include "gc/rules.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "base/error.h"
#include "catalog/testing/opened_catalog.h"
#include "gc/commits.h"
#include "versions/history.h"

namespace tarn::gc {
namespace {

class RulesTest : public ::testing::Test {
protected:
    std::optional<Rules> stored() { return await(find_rules(opened.catalog, repository)); }

    void put(const std::string& key, std::string bytes) {
        auto body = source_of(std::move(bytes));
        await(opened.blocks.put({repository.storage_namespace, key}, *body, false));
    }

    std::string read(const std::string& key) {
        auto found = await(opened.blocks.open({repository.storage_namespace, key}, std::nullopt));
        if (!found) return "(absent)";
        const auto source = as_source(std::move(found->body));
        return await(read_all(*source, 1 << 20));
    }

    void save(const std::string& key) {
        catalog::Entry entry;
        entry.address = opened.catalog.new_address();
        await(opened.catalog.put(repository, "main", key, entry, {}, {}));
        versions::CommitRequest request;
        request.branch = "main";
        request.message = key;
        await(versions::commit(opened.stores, repository, request));
    }

    catalog::OpenedCatalog opened;
    refs::Repository repository = opened.create_repository("lake");
};

constexpr const char* rules_key = "_lakefs/retention/gc/rules/config.json";

TEST_F(RulesTest, AreKeptUntilTheyAreRemoved) {
    const Rules rules{21, {{"main", 28}, {"dev", -7}}};
    EXPECT_EQ(stored(), std::nullopt);

    await(set_rules(opened.catalog, repository, rules));

    EXPECT_EQ(stored(), rules);
    EXPECT_EQ(rules.days_of("main"), 28);
    EXPECT_EQ(rules.days_of("other"), 21);
    await(remove_rules(opened.catalog, repository));
    EXPECT_EQ(stored(), std::nullopt);
    EXPECT_EQ(read(rules_key), "");
}

TEST_F(RulesTest, OfNoDaysAreRulesToo) {
    await(set_rules(opened.catalog, repository, Rules()));

    EXPECT_EQ(stored(), Rules());
}

TEST_F(RulesTest, AreTheBytesOfLakeFs) {
    put(rules_key, std::string("\x08\x15\x12\x08\x0a\x04main\x10\x1c", 12));

    EXPECT_EQ(stored(), (Rules{21, {{"main", 28}}}));
}

TEST_F(RulesTest, ThatCannotBeReadAreCorrupted) {
    put(rules_key, "{\"default\": 3}");

    try {
        stored();
        ADD_FAILURE() << "garbage was taken for rules";
    } catch (const Error& error) {
        EXPECT_EQ(error.code(), Code::corrupted);
    }
}

TEST_F(RulesTest, WithoutThemNothingIsPrepared) {
    try {
        await(prepare_commits(opened.catalog, repository, [] {}));
        ADD_FAILURE() << "commits were prepared without rules";
    } catch (const Error& error) {
        EXPECT_EQ(error.detail(), "no_gc_rules");
    }
}

TEST_F(RulesTest, DecideWhichCommitsAreListed) {
    save("first");
    opened.clock.advance(std::chrono::hours(24 * 10));
    save("second");
    opened.clock.advance(std::chrono::hours(24 * 10));
    save("third");
    await(set_rules(opened.catalog, repository, {.default_days = 5, .branch_days = {}}));

    const PreparedCommits prepared = await(prepare_commits(opened.catalog, repository, [] {}));

    const auto third = await(opened.refs.resolve_commit(repository, "main"));
    const auto second = await(opened.refs.resolve_commit(repository, "main~1"));
    std::vector<std::string> lines{third.id + ",false," + third.tree_id + "\n",
                                   second.id + ",false," + second.tree_id + "\n"};
    std::ranges::sort(lines);
    EXPECT_EQ(read(prepared.file.key), "commit_id,expired,metarange_id\n" + lines[0] + lines[1]);
    EXPECT_EQ(prepared.file.key,
              "_lakefs/retention/gc/commits/run_id=" + prepared.run_id + "/commits.csv");
    const PreparedCommits told = decode_prepared(encode(prepared));
    EXPECT_EQ(told.run_id, prepared.run_id);
    EXPECT_EQ(told.commits_location, prepared.commits_location);
    EXPECT_EQ(told.addresses_location, prepared.addresses_location);
}

}  // namespace
}  // namespace tarn::gc
