#include "catalog/pulls.h"

#include <gtest/gtest.h>

#include "base/bytes.h"
#include "base/error.h"
#include "base/ids.h"
#include "base/testing/golden_vectors.h"
#include "catalog/testing/opened_catalog.h"
#include "kv/store.h"
#include "versions/branches.h"
#include "versions/history.h"

namespace tarn::catalog {
namespace {

std::string text(const boost::json::value& value) {
    return boost::json::value_to<std::string>(value);
}

// A repository with the branches main and dev, dev one commit ahead.
class Pulls : public ::testing::Test {
protected:
    Pulls() { commit_to("dev", "a"); }

    void commit_to(std::string branch, std::string path) {
        if (branch != "main" && !await(opened.refs.find_branch(repository, branch))) {
            await(versions::create_branch(opened.stores, repository, branch, "main", false, false));
        }
        Entry entry;
        entry.address = "data/p/" + path;
        entry.etag = path;
        await(opened.catalog.put(repository, branch, path, entry, nullptr, {}));
        versions::CommitRequest request;
        request.branch = branch;
        request.committer = "ann";
        await(versions::commit(opened.stores, repository, request));
    }

    Pull create(std::string title = "t") {
        Pull pull;
        pull.title = std::move(title);
        pull.author = "ann";
        pull.source = "dev";
        pull.destination = "main";
        return await(create_pull(opened.stores, repository, pull));
    }

    Pull update(const Pull& pull, PullChange change) {
        return await(update_pull(opened.stores, repository, pull.id, std::move(change)));
    }

    // The detail of the failure; "none" when there is none.
    std::string refusal(const Pull& pull, PullState to) {
        try {
            update(pull, {.title = {}, .description = {}, .state = to});
        } catch (const Error& error) {
            return error.detail();
        }
        return "none";
    }

    OpenedCatalog opened;
    refs::Repository repository = opened.create_repository("lake");
};

TEST_F(Pulls, AreOpenAtFirstAndFoundById) {
    const Pull made = create("title");

    const Pull found = await(get_pull(opened.stores, repository, made.id));

    EXPECT_TRUE(is_pull_id(made.id));
    EXPECT_EQ(found.title, "title");
    EXPECT_EQ(found.author, "ann");
    EXPECT_EQ(found.state, PullState::open);
    EXPECT_EQ(found.created, opened.clock.now());
    EXPECT_FALSE(found.closed);
    EXPECT_FALSE(found.commit_id);
}

TEST_F(Pulls, AreListedNewestFirstInPagesByState) {
    const Pull old = create("old");
    opened.clock.advance(std::chrono::seconds(2));
    const Pull young = create("young");
    update(old, {.title = {}, .description = {}, .state = PullState::closed});

    const PullPage first = await(list_pulls(opened.stores, repository, {"", "", 1, nullptr}));
    const PullPage rest = await(list_pulls(opened.stores, repository, {"", young.id, 9, nullptr}));
    const PullPage closed =
        await(list_pulls(opened.stores, repository,
                         {"", "", 1, [](PullState state) { return state != PullState::open; }}));

    ASSERT_EQ(first.items.size(), 1U);
    EXPECT_EQ(first.items[0].title, "young");
    EXPECT_TRUE(first.more);
    ASSERT_EQ(rest.items.size(), 1U);
    EXPECT_EQ(rest.items[0].title, "old");
    EXPECT_FALSE(rest.more);
    ASSERT_EQ(closed.items.size(), 1U);
    EXPECT_EQ(closed.items[0].title, "old");
    EXPECT_FALSE(closed.more);
}

TEST_F(Pulls, AreClosedAndOpenedAgain) {
    const Pull pull = create();
    opened.clock.advance(std::chrono::seconds(5));

    const Pull closed =
        update(pull, {.title = "new", .description = {}, .state = PullState::closed});
    const Pull reopened =
        update(pull, {.title = {}, .description = "why", .state = PullState::open});

    EXPECT_EQ(closed.closed, opened.clock.now());
    EXPECT_EQ(reopened.state, PullState::open);
    EXPECT_EQ(reopened.title, "new");
    EXPECT_EQ(reopened.description, "why");
    EXPECT_FALSE(reopened.closed);
}

TEST_F(Pulls, AreNotMergedByHandAndStayMerged) {
    const Pull pull = create();

    EXPECT_EQ(refusal(pull, PullState::merged), "bad_pull_state");
    await(merge_pull(opened.stores, repository, pull.id, "bob"));
    EXPECT_EQ(refusal(pull, PullState::open), "bad_pull_state");
    EXPECT_EQ(refusal(pull, PullState::closed), "bad_pull_state");
    EXPECT_EQ(refusal(pull, PullState::merged), "none");
}

TEST_F(Pulls, MoveTheDestinationWhenMerged) {
    const Pull pull = create();

    const Pull merged = await(merge_pull(opened.stores, repository, pull.id, "bob"));

    const auto head = await(opened.refs.get_branch(repository, "main"));
    EXPECT_EQ(merged.state, PullState::merged);
    EXPECT_EQ(merged.commit_id, head.branch.commit_id);
    EXPECT_EQ(merged.closed, opened.clock.now());
    const refs::Commit commit = await(opened.refs.get_commit(repository, *merged.commit_id));
    EXPECT_EQ(commit.committer, "bob");
    EXPECT_EQ(commit.message, "Merge 'dev' into 'main'");
}

TEST_F(Pulls, StayOpenWhenTheirMergeIsRefused) {
    commit_to("main", "a");
    const Pull pull = create();
    Entry other;
    other.address = "data/p/x";
    other.etag = "other";
    await(opened.catalog.put(repository, "dev", "a", other, nullptr, {}));
    versions::CommitRequest request;
    request.branch = "dev";
    await(versions::commit(opened.stores, repository, request));
    other.etag = "third";
    await(opened.catalog.put(repository, "main", "a", other, nullptr, {}));
    request.branch = "main";
    await(versions::commit(opened.stores, repository, request));

    EXPECT_THROW(await(merge_pull(opened.stores, repository, pull.id, "bob")), Error);

    EXPECT_EQ(await(get_pull(opened.stores, repository, pull.id)).state, PullState::open);
}

TEST_F(Pulls, AreNamedByAnIndexOfTheirBranches) {
    create();
    const Pull last = create();

    const auto row = await(
        kv::find(opened.kv, kv::Key{"pulls", "repos/" + repository.partition() + "/dev/main"}));

    ASSERT_TRUE(row);
    EXPECT_EQ(*row, "\x0a\x14" + last.id);
}

TEST_F(Pulls, OfLakeFSAreReadAsTheyAre) {
    const auto vectors = find_vectors(TARN_SOURCE_DIR);
    if (!vectors) GTEST_SKIP() << "the golden files are absent: set TARN_GOLDEN_DIR";
    int seen = 0;
    for (const auto& value : vectors->at("kv_values").as_object().at("list").as_array()) {
        const auto& row = value.as_object();
        if (text(row.at("message")) != "PullRequestData") continue;
        const auto& fields = row.at("fields").as_object();
        const std::string id = text(fields.at("id"));
        const std::string bytes = from_hex(text(row.at("value_hex"))).value();
        await(kv::put(opened.kv, kv::Key{repository.partition(), "pulls/" + id}, bytes));

        const Pull pull = await(get_pull(opened.stores, repository, id));

        EXPECT_EQ(pull.title, text(fields.at("title")));
        EXPECT_EQ(pull.source, text(fields.at("source_branch")));
        EXPECT_EQ(pull.destination, text(fields.at("destination_branch")));
        EXPECT_EQ(pull.commit_id.has_value(), fields.contains("commit_id"));
        EXPECT_EQ(pull.closed.has_value(), fields.contains("closed_at"));
        const auto* status = fields.if_contains("status");
        EXPECT_EQ(static_cast<int>(pull.state), status ? status->to_number<int>() : 0);
        update(pull, {.title = "x", .description = {}, .state = {}});
        update(pull, {.title = pull.title, .description = {}, .state = {}});
        const auto written =
            await(kv::find(opened.kv, kv::Key{repository.partition(), "pulls/" + id}));
        EXPECT_EQ(to_hex(*written), to_hex(bytes)) << id;
        ++seen;
    }
    EXPECT_GT(seen, 0);
}

}  // namespace
}  // namespace tarn::catalog
