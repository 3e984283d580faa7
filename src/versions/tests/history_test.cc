#include "versions/testing/operations.h"

namespace tarn::versions {
namespace {

TEST_F(OperationsTest, ACommitWithoutAnEffectIsRefused) {
    EXPECT_EQ(failure_of([&] { save("main"); }), "invalid_argument/no_changes");
    write("main", "a", "1");
    save("main");
    write("main", "a", "1");
    erase("main", "nothing");
    write("main", "b", "1");
    erase("main", "b");

    EXPECT_EQ(failure_of([&] { save("main"); }), "invalid_argument/no_changes");
    EXPECT_EQ(uncommitted(), "");
    EXPECT_EQ(shown("main"), "a=1");
    CommitRequest request;
    request.branch = "main";
    request.allow_empty = true;
    const refs::Commit empty = await(commit(stores, repository, request));
    EXPECT_EQ(empty.generation, 3);
}

TEST_F(OperationsTest, ARefusedCommitKeepsTheChanges) {
    write("main", "a", "1");
    notebook.refused = Event::Kind::pre_commit;

    EXPECT_EQ(failure_of([&] { save("main"); }), "precondition_failed/hook_failed");

    EXPECT_EQ(shown("main"), "a=1");
    notebook.refused.reset();
    write("main", "b", "1");
    save("main");
    EXPECT_EQ(shown("main@"), "a=1 b=1");
}

TEST_F(OperationsTest, EventsComeInOrderWithTheirCommit) {
    write("main", "a", "1");
    notebook.heard.clear();

    const refs::Commit saved = save("main");

    ASSERT_EQ(notebook.heard.size(), 3u);
    EXPECT_EQ(notebook.heard[0].kind, Event::Kind::prepare_commit);
    EXPECT_EQ(notebook.heard[1].kind, Event::Kind::pre_commit);
    EXPECT_EQ(notebook.heard[1].commit.message, "saved");
    EXPECT_EQ(notebook.heard[2].kind, Event::Kind::post_commit);
    EXPECT_EQ(notebook.heard[2].source_ref, saved.id);
}

TEST_F(OperationsTest, AMergeBringsWhatTheSourceChanged) {
    write("main", "a", "1");
    write("main", "b", "1");
    save("main");
    branch_off("dev");
    write("dev", "a", "2");
    erase("dev", "b");
    const refs::Commit theirs = save("dev");
    write("main", "c", "1");
    const refs::Commit ours = save("main");

    const refs::Commit merged = join("dev", "main");

    EXPECT_EQ(shown("main"), "a=2 c=1");
    EXPECT_EQ(merged.message, "Merge 'dev' into 'main'");
    EXPECT_EQ(merged.parents, (std::vector{ours.id, theirs.id}));
    EXPECT_EQ(merged.generation, 4);
    EXPECT_EQ(merged.metadata.at(".lakefs.merge.strategy"), "default");
    EXPECT_EQ(failure_of([&] { join("dev", "main"); }), "invalid_argument/no_changes");
}

TEST_F(OperationsTest, ASquashedMergeHasOneParentAndTheHigherGeneration) {
    branch_off("dev");
    for (const char* content : {"1", "2", "3"}) {
        write("dev", "a", content);
        save("dev");
    }
    MergeRequest request;
    request.source = "dev";
    request.destination = "main";
    request.squash = true;

    const refs::Commit merged = await(merge(stores, repository, request));

    EXPECT_EQ(merged.parents.size(), 1u);
    EXPECT_EQ(merged.generation, 5);
}

TEST_F(OperationsTest, AConflictIsReportedOrDecided) {
    write("main", "a", "1");
    save("main");
    branch_off("dev");
    write("dev", "a", "theirs");
    save("dev");
    write("main", "a", "ours");
    save("main");
    branch_off("other");

    EXPECT_EQ(failure_of([&] { join("dev", "main"); }), "conflict/merge_conflict");
    EXPECT_EQ(between("main", "dev", true), "!~a");
    join("dev", "main", committed::Strategy::source_wins);
    EXPECT_EQ(shown("main"), "a=theirs");
    join("dev", "other", committed::Strategy::destination_wins);
    EXPECT_EQ(shown("other"), "a=ours");
}

TEST_F(OperationsTest, NothingReplacesTheHeadOverUncommittedChanges) {
    write("main", "a", "1");
    const refs::Commit first = save("main");
    branch_off("dev");
    write("dev", "a", "2");
    save("dev");
    write("main", "b", "1");
    const std::string dirty = "invalid_argument/dirty_branch";

    EXPECT_EQ(failure_of([&] { join("dev", "main"); }), dirty);
    EXPECT_EQ(
        failure_of([&] { await(revert(stores, repository, {.branch = "main", .ref = "main"})); }),
        dirty);
    EXPECT_EQ(failure_of([&] {
                  await(cherry_pick(stores, repository, {.branch = "main", .ref = "dev"}));
              }),
              dirty);
    EXPECT_EQ(failure_of([&] { await(hard_reset(stores, repository, "main", "main~1", false)); }),
              dirty);
    CommitRequest request;
    request.branch = "main";
    request.source_tree = first.tree_id;
    EXPECT_EQ(failure_of([&] { await(commit(stores, repository, request)); }), dirty);
    EXPECT_EQ(shown("main"), "a=1 b=1");
}

TEST_F(OperationsTest, ARevertUndoesOneCommit) {
    write("main", "a", "1");
    save("main");
    write("main", "a", "2");
    write("main", "b", "2");
    save("main");
    write("main", "c", "3");
    save("main");

    const refs::Commit undone =
        await(revert(stores, repository, {.branch = "main", .ref = "main~1", .committer = "me"}));

    EXPECT_EQ(shown("main"), "a=1 c=3");
    EXPECT_EQ(undone.message, "Revert main~1");
    EXPECT_EQ(
        failure_of([&] { await(revert(stores, repository, {.branch = "main", .ref = "main~2"})); }),
        "invalid_argument/no_changes");
}

TEST_F(OperationsTest, ARevertOfTheFirstCommitsLeavesNothing) {
    EXPECT_EQ(
        failure_of([&] { await(revert(stores, repository, {.branch = "main", .ref = "main"})); }),
        "invalid_argument/no_changes");
    write("main", "a", "1");
    save("main");

    await(revert(stores, repository, {.branch = "main", .ref = "main"}));

    EXPECT_EQ(shown("main"), "");
}

TEST_F(OperationsTest, RevertingAMergeNeedsAParent) {
    branch_off("dev");
    write("dev", "a", "1");
    save("dev");
    write("main", "b", "1");
    save("main");
    join("dev", "main");
    RevertRequest request;
    request.branch = "main";
    request.ref = "main";

    EXPECT_EQ(failure_of([&] { await(revert(stores, repository, request)); }),
              "conflict/bad_parent");
    request.parent = 3;
    EXPECT_EQ(failure_of([&] { await(revert(stores, repository, request)); }),
              "invalid_argument/bad_parent");
    request.parent = 1;
    await(revert(stores, repository, request));
    EXPECT_EQ(shown("main"), "b=1");
}

TEST_F(OperationsTest, ACherryPickLeavesItsSourceUnchanged) {
    branch_off("dev");
    write("dev", "a", "1");
    const refs::Commit picked = save("dev", "the pick");
    write("dev", "b", "1");
    save("dev");
    write("main", "c", "1");
    save("main");

    const refs::Commit made =
        await(cherry_pick(stores, repository, {.branch = "main", .ref = "dev~1"}));

    EXPECT_EQ(shown("main"), "a=1 c=1");
    EXPECT_EQ(made.message, "the pick");
    EXPECT_EQ(made.metadata.at("cherry-pick-origin"), picked.id);
    EXPECT_EQ(made.metadata.at("cherry-pick-committer"), "me");
    EXPECT_EQ(await(house.refs.get_commit(repository, picked.id)), picked);
}

TEST_F(OperationsTest, CherryPickingAMergeOrTheFirstCommitIsRefused) {
    branch_off("dev");
    write("dev", "a", "1");
    save("dev");
    write("main", "b", "1");
    save("main");
    join("dev", "main");
    branch_off("next", "main~1");

    EXPECT_EQ(failure_of([&] {
                  await(cherry_pick(stores, repository, {.branch = "next", .ref = "main"}));
              }),
              "invalid_argument/bad_parent");
    EXPECT_EQ(failure_of([&] {
                  await(cherry_pick(stores, repository, {.branch = "next", .ref = "main~2"}));
              }),
              "invalid_argument/bad_parent");
    await(cherry_pick(stores, repository, {.branch = "next", .ref = "main", .parent = 1}));
    EXPECT_EQ(shown("next"), "a=1 b=1");
}

TEST_F(OperationsTest, AHardResetMovesTheHead) {
    write("main", "a", "1");
    save("main");
    write("main", "a", "2");
    save("main");
    erase("main", "nothing");

    await(hard_reset(stores, repository, "main", "main~1", false));

    EXPECT_EQ(shown("main"), "a=1");
    EXPECT_EQ(failure_of([&] { await(hard_reset(stores, repository, "main", "main$", false)); }),
              "invalid_argument/staging_ref");
}

TEST_F(OperationsTest, ATreeCanBeCommittedAsItIs) {
    write("main", "a", "1");
    const refs::Commit first = save("main");
    write("main", "a", "2");
    save("main");
    CommitRequest request;
    request.branch = "main";
    request.source_tree = first.tree_id;

    await(commit(stores, repository, request));

    EXPECT_EQ(shown("main"), "a=1");
}

}  // namespace
}  // namespace tarn::versions
