#include "refs/refs.h"

#include <gtest/gtest.h>

#include "base/error.h"
#include "base/testing/await.h"
#include "kv/memory/memory_store.h"
#include "refs/testing/manual_clock.h"

namespace tarn::refs {
namespace {

Repository named(std::string id) {
    return {.id = std::move(id),
            .storage_namespace = "mem://lake",
            .default_branch = "main",
            .created = {},
            .instance_uid = {},
            .storage_id = {}};
}

// The code and detail of what `action` throws; "nothing" if it does not.
template <class Action>
std::string failure_of(Action action) {
    try {
        await(action());
    } catch (const Error& error) {
        return std::string(name(error.code())) + "/" + error.detail();
    }
    return "nothing";
}

class RefsTest : public ::testing::Test {
protected:
    Commit add(std::vector<std::string> parents, std::string message) {
        Commit commit;
        commit.message = std::move(message);
        commit.parents = std::move(parents);
        commit.created = clock.now();
        clock.advance(std::chrono::seconds(1));
        return await(refs.add_commit(repository, commit));
    }

    void point(const std::string& branch, const std::string& commit_id) {
        const BranchRecord seen = await(refs.get_branch(repository, branch));
        Branch next = seen.branch;
        next.commit_id = commit_id;
        ASSERT_TRUE(await(refs.replace_branch(repository, seen, next)));
    }

    std::string resolve(const std::string& expression) {
        return await(refs.resolve(repository, expression)).commit_id;
    }

    kv::MemoryStore store;
    ManualClock clock;
    Refs refs{store, clock};
    const Repository repository = await(refs.create_repository(named("lake"), false));
};

TEST_F(RefsTest, ARepositoryBeginsWithOneCommitOnItsDefaultBranch) {
    const BranchRecord main = await(refs.get_branch(repository, "main"));
    const Commit first = await(refs.get_commit(repository, main.branch.commit_id));

    EXPECT_EQ(first.message, "Repository created");
    EXPECT_EQ(first.tree_id, "");
    EXPECT_EQ(first.generation, 1);
    EXPECT_TRUE(main.branch.staging_token.starts_with("lake-main:"));
}

TEST_F(RefsTest, ABareRepositoryHasNoBranch) {
    const Repository bare = await(refs.create_repository(named("bare"), true));

    EXPECT_FALSE(await(refs.find_branch(bare, "main")));
}

TEST_F(RefsTest, ARepositoryNameIsTakenOnce) {
    EXPECT_EQ(failure_of([&] { return refs.create_repository(named("lake"), false); }),
              "already_exists/");
    EXPECT_EQ(failure_of([&] { return refs.create_repository(named("L"), false); }),
              "invalid_argument/bad_name");
}

TEST_F(RefsTest, ADeletedRepositoryLeavesNothingToItsSuccessor) {
    await(refs.create_tag(repository, "v1", "main"));
    await(refs.delete_repository("lake"));

    EXPECT_FALSE(await(refs.find_repository("lake")));
    const Repository next = await(refs.create_repository(named("lake"), false));
    EXPECT_FALSE(await(refs.find_tag(next, "v1")));
}

TEST_F(RefsTest, ARepositoryRecordIsCachedForSomeSecondsOnly) {
    Refs other(store, clock);
    await(other.get_repository("lake"));
    await(refs.delete_repository("lake"));

    EXPECT_TRUE(await(other.find_repository("lake")));
    clock.advance(std::chrono::seconds(8));
    EXPECT_FALSE(await(other.find_repository("lake")));
}

TEST_F(RefsTest, RepositoriesAreListedInPagesByPrefixAndSearch) {
    for (const char* id : {"alpha", "beta", "betb", "gamma"}) {
        await(refs.create_repository(named(id), true));
    }

    const auto first = await(refs.list_repositories("bet", "", 1, ""));
    const auto second = await(refs.list_repositories("bet", "beta", 1, ""));
    const auto found = await(refs.list_repositories("", "", 10, "am"));

    ASSERT_EQ(first.items.size(), 1u);
    EXPECT_EQ(first.items[0].id, "beta");
    EXPECT_TRUE(first.more);
    ASSERT_EQ(second.items.size(), 1u);
    EXPECT_EQ(second.items[0].id, "betb");
    EXPECT_FALSE(second.more);
    ASSERT_EQ(found.items.size(), 1u);
    EXPECT_EQ(found.items[0].id, "gamma");
}

TEST_F(RefsTest, RepositoryMetadataIsChangedInPlace) {
    await(refs.update_repository_metadata(repository, [](Metadata& m) { m["a"] = "1"; }));
    await(refs.update_repository_metadata(repository, [](Metadata& m) { m["b"] = "2"; }));

    EXPECT_EQ(await(refs.get_repository_metadata(repository)), (Metadata{{"a", "1"}, {"b", "2"}}));
}

TEST_F(RefsTest, NamesOfBranchesTagsAndCommitsDoNotClash) {
    await(refs.create_branch(repository, "dev", "main", false));
    await(refs.create_tag(repository, "v1", "main"));
    const std::string head = resolve("main");

    EXPECT_EQ(failure_of([&] { return refs.create_branch(repository, "dev", "main", false); }),
              "already_exists/");
    EXPECT_EQ(failure_of([&] { return refs.create_branch(repository, "v1", "main", false); }),
              "conflict/name_clash");
    EXPECT_EQ(failure_of([&] { return refs.create_tag(repository, "dev", "main"); }),
              "conflict/name_clash");
    EXPECT_EQ(failure_of([&] { return refs.create_tag(repository, head, "main"); }),
              "conflict/name_clash");
}

TEST_F(RefsTest, HiddenBranchesAreListedOnRequest) {
    await(refs.create_branch(repository, "secret", "main", true));

    const auto plain = await(refs.list_branches(repository, "", "", 10, false));
    const auto all = await(refs.list_branches(repository, "", "", 10, true));

    EXPECT_EQ(plain.items.size(), 1u);
    EXPECT_EQ(all.items.size(), 2u);
}

TEST_F(RefsTest, TheDefaultBranchCannotBeDeleted) {
    EXPECT_EQ(failure_of([&] { return refs.delete_branch(repository, "main"); }),
              "permission_denied/default_branch");
}

TEST_F(RefsTest, ABranchIsReplacedOnlyAsItWasSeen) {
    const BranchRecord seen = await(refs.get_branch(repository, "main"));
    Branch next = seen.branch;
    next.sealed_tokens = {"a", "b"};

    EXPECT_TRUE(await(refs.replace_branch(repository, seen, next)));
    EXPECT_FALSE(await(refs.replace_branch(repository, seen, next)));
    EXPECT_EQ(await(refs.get_branch(repository, "main")).branch.sealed_tokens,
              (std::vector<std::string>{"a", "b"}));
}

TEST_F(RefsTest, ExpressionsWalkTheHistory) {
    const std::string root = resolve("main");
    const Commit left = add({root}, "left");
    const Commit right = add({root}, "right");
    const Commit merged = add({left.id, right.id}, "merged");
    point("main", merged.id);
    await(refs.create_tag(repository, "v1", "main"));

    EXPECT_EQ(resolve("main"), merged.id);
    EXPECT_EQ(resolve("main~0"), merged.id);
    EXPECT_EQ(resolve("main^0"), merged.id);
    EXPECT_EQ(resolve("v1~"), left.id);
    EXPECT_EQ(resolve("main^2"), right.id);
    EXPECT_EQ(resolve("main^2~1"), root);
    EXPECT_EQ(resolve(merged.id.substr(0, 12) + "~2"), root);
    EXPECT_EQ(failure_of([&] { return refs.resolve(repository, "main~3"); }),
              "not_found/no_such_ref");
    EXPECT_EQ(failure_of([&] { return refs.resolve(repository, "main^3"); }),
              "invalid_argument/bad_parent");
    EXPECT_EQ(failure_of([&] { return refs.resolve(repository, "nosuch"); }),
              "not_found/no_such_ref");
    EXPECT_EQ(failure_of([&] { return refs.resolve(repository, "v1@"); }),
              "invalid_argument/bad_ref");
    EXPECT_EQ(failure_of([&] { return refs.resolve_commit(repository, "main$"); }),
              "invalid_argument/staging_ref");
}

TEST_F(RefsTest, OnlyABareBranchNameShowsWhatIsUncommitted) {
    EXPECT_TRUE(await(refs.resolve(repository, "main")).with_staging);
    EXPECT_TRUE(await(refs.resolve(repository, "main$")).with_staging);
    EXPECT_FALSE(await(refs.resolve(repository, "main@")).with_staging);
    EXPECT_FALSE(await(refs.resolve(repository, "main~0")).with_staging);
}

TEST_F(RefsTest, AnAmbiguousPrefixIsNotFound) {
    std::vector<std::string> ids;
    std::string shared;
    for (int i = 0; shared.empty(); ++i) {
        ids.push_back(add({}, std::to_string(i)).id);
        for (const std::string& id : ids) {
            if (id != ids.back() && id[0] == ids.back()[0]) shared = id.substr(0, 1);
        }
    }

    EXPECT_EQ(failure_of([&] { return refs.resolve(repository, shared); }),
              "not_found/no_such_ref");
}

TEST_F(RefsTest, HistoriesWithoutACommonCommitHaveNoMergeBase) {
    const Commit one = add({}, "one");
    const Commit two = add({}, "two");

    EXPECT_FALSE(await(refs.merge_base(repository, one.id, two.id)));
}

TEST_F(RefsTest, TheLogLeavesOutWhatIsOlderThanSince) {
    const Commit one = add({}, "one");
    const Commit two = add({one.id}, "two");
    const Commit three = add({two.id}, "three");

    Log log(refs, repository, three.id, false, two.created);
    const auto first = await(log.next());
    const auto second = await(log.next());
    const auto end = await(log.next());

    EXPECT_EQ(first->id, three.id);
    EXPECT_EQ(second->id, two.id);
    EXPECT_FALSE(end);
}

TEST_F(RefsTest, ProtectionIsSeenAtOnceHereAndLaterElsewhere) {
    Refs other(store, clock);
    EXPECT_FALSE(
        await(other.protection().is_blocked(repository, "main", BlockedAction::staging_write)));
    ProtectionRules rules;
    rules.patterns["ma*"] = {BlockedAction::staging_write};
    EXPECT_TRUE(await(refs.protection().set(repository, rules, std::nullopt)));

    EXPECT_TRUE(
        await(refs.protection().is_blocked(repository, "main", BlockedAction::staging_write)));
    EXPECT_FALSE(await(refs.protection().is_blocked(repository, "main", BlockedAction::commit)));
    EXPECT_FALSE(
        await(other.protection().is_blocked(repository, "main", BlockedAction::staging_write)));
    clock.advance(std::chrono::seconds(7));
    EXPECT_TRUE(
        await(other.protection().is_blocked(repository, "main", BlockedAction::staging_write)));
}

TEST_F(RefsTest, ProtectionIsSetOnlyAsItWasSeen) {
    ProtectionRules rules;
    rules.patterns["main"] = {BlockedAction::commit};

    EXPECT_TRUE(await(refs.protection().set(repository, rules, "")));
    EXPECT_FALSE(await(refs.protection().set(repository, rules, "")));
    const std::string checksum = await(refs.protection().get(repository)).checksum;
    EXPECT_FALSE(await(refs.protection().set(repository, {}, "00")));
    EXPECT_TRUE(await(refs.protection().set(repository, {}, checksum)));
    EXPECT_EQ(await(refs.protection().get(repository)).checksum, "");
    EXPECT_TRUE(await(refs.protection().set(repository, rules, "")));
}

}  // namespace
}  // namespace tarn::refs
