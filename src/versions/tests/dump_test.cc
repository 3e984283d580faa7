#include "versions/dump.h"

#include "refs/records.h"
#include "versions/testing/operations.h"

namespace tarn::versions {
namespace {

class DumpTest : public OperationsTest {
protected:
    DumpTest() {
        write("main", "a", "1");
        save("main");
        branch_off("dev");
        write("dev", "b", "1");
        save("dev");
        write("dev", "c", "uncommitted");
        await(stores.refs.create_tag(repository, "v1", "dev"));
    }

    Dump dump(const refs::Repository& of) {
        return {await(dump_commits(stores, of, nothing)), await(dump_branches(stores, of, nothing)),
                await(dump_tags(stores, of, nothing))};
    }

    // A bare repository in the namespace of the first.
    refs::Repository bare() {
        refs::Repository wanted;
        wanted.id = "restored";
        wanted.storage_namespace = repository.storage_namespace;
        wanted.default_branch = "main";
        return await(stores.refs.create_repository(wanted, true));
    }

    void restore(const refs::Repository& into, const Dump& dumped) {
        await(restore_commits(stores, into, dumped.commits, nothing));
        await(restore_branches(stores, into, dumped.branches, nothing));
        await(restore_tags(stores, into, dumped.tags, nothing));
    }

    const Checkpoint nothing = [] {};
};

TEST_F(DumpTest, BringsHistoryToABareRepository) {
    const refs::Repository into = bare();

    restore(into, dump(repository));

    const auto before = await(stores.refs.list_commits(repository, "", 100));
    const auto after = await(stores.refs.list_commits(into, "", 100));
    EXPECT_EQ(after.items, before.items);
    for (const char* name : {"main", "dev"}) {
        const auto from = await(stores.refs.get_branch(repository, name));
        const auto to = await(stores.refs.get_branch(into, name));
        EXPECT_EQ(to.branch.commit_id, from.branch.commit_id);
        EXPECT_NE(to.branch.staging_token, from.branch.staging_token);
    }
    const auto tag = await(stores.refs.find_tag(into, "v1"));
    ASSERT_TRUE(tag);
    EXPECT_EQ(tag->commit_id, await(stores.refs.find_tag(repository, "v1"))->commit_id);
    EXPECT_TRUE(await(get(stores, into, "v1", "b")));
    EXPECT_FALSE(await(get(stores, into, "dev", "c")));
}

TEST_F(DumpTest, DumpsHiddenBranches) {
    await(stores.refs.create_branch(repository, "shadow", "main", true));
    const refs::Repository into = bare();

    restore(into, dump(repository));

    EXPECT_TRUE(await(stores.refs.find_branch(into, "shadow")));
}

TEST_F(DumpTest, OfNoTagsIsAnEmptyTree) {
    await(stores.refs.delete_tag(repository, "v1"));
    const refs::Repository into = bare();

    restore(into, dump(repository));

    EXPECT_TRUE(await(stores.refs.list_tags(into, "", "", 10)).items.empty());
}

TEST_F(DumpTest, RefusesTagsThatExist) {
    const Dump dumped = dump(repository);
    const refs::Repository into = bare();
    restore(into, dumped);

    EXPECT_EQ(failure_of([&] { restore(into, dumped); }), "already_exists/");
}

TEST_F(DumpTest, RefusesCommitsThatAreNotWhatTheirIdSays) {
    refs::Commit commit = await(stores.refs.list_commits(repository, "", 1)).items[0];
    commit.message = "forged";

    EXPECT_EQ(failure_of([&] { await(stores.refs.restore_commits(bare(), {commit})); }),
              "invalid_argument/bad_dump");
}

TEST_F(DumpTest, RefusesCommitsWithoutGeneration) {
    refs::Commit commit = await(stores.refs.list_commits(repository, "", 1)).items[0];
    commit.generation = 0;

    EXPECT_EQ(failure_of([&] { await(stores.refs.restore_commits(bare(), {commit})); }),
              "invalid_argument/bad_dump");
}

TEST_F(DumpTest, MissingFilesAreNotFound) {
    EXPECT_EQ(
        failure_of([&] { await(restore_commits(stores, bare(), std::string(64, '0'), nothing)); }),
        "not_found/no_such_range");
}

TEST_F(DumpTest, EndsWhenTold) {
    const Checkpoint stop = [] { throw Error(Code::unavailable, "stop", "stopping"); };

    EXPECT_EQ(failure_of([&] { await(dump_commits(stores, repository, stop)); }),
              "unavailable/stopping");
}

}  // namespace
}  // namespace tarn::versions
