#include <gtest/gtest.h>

#include "base/error.h"
#include "base/testing/await.h"
#include "kv/memory/memory_store.h"
#include "versions/history.h"
#include "versions/leftovers.h"
#include "versions/read.h"
#include "versions/reset.h"
#include "versions/stage.h"
#include "versions/testing/house.h"
#include "versions/testing/seam_store.h"

// Two servers on one store, one of which is held between two steps while the other acts.
namespace tarn::versions {
namespace {

bool reads_branch(const kv::Step& step) {
    const auto* find = std::get_if<kv::Find>(&step);
    return find != nullptr && find->key.name == "branches/main";
}

bool is_staging(std::string_view partition) {
    return partition.starts_with("lake-main:");
}

bool writes_staged(const kv::Step& step) {
    const auto* put = std::get_if<kv::Put>(&step);
    return put != nullptr && is_staging(put->key.partition);
}

bool reads_staged(const kv::Step& step) {
    const auto* find = std::get_if<kv::Find>(&step);
    return find != nullptr && is_staging(find->key.partition);
}

// A second server on the same stores.
Fittings beside(House& peer) {
    return {.trees = small_ranges(), .blocks = &peer.blocks};
}

class SeamTest : public ::testing::Test {
protected:
    SeamTest() { write(peer, "first", "0"); }

    static void write(House& by, const std::string& key, const std::string& content) {
        const auto repository = await(by.refs.get_repository("lake"));
        await(put(by.stores, repository, "main", key, value_of(content), {}));
    }

    static std::string read(House& by, const std::string& key, const std::string& ref = "main") {
        const auto repository = await(by.refs.get_repository("lake"));
        const auto found = await(get(by.stores, repository, ref, key));
        return found ? found->data : "nothing";
    }

    // A whole commit of the peer: seal, scan, replacement, and removal of what was dropped.
    Task<void> commit_and_clean() {
        CommitRequest request;
        request.branch = "main";
        request.message = "by the peer";
        co_await commit(peer.stores, repository, request);
        co_await peer.cleaner.clean();
    }

    // What a committer of the peer does first; its scan may have read what is there now.
    Task<void> seal_only() {
        const auto seen = co_await peer.refs.get_branch(repository, "main");
        refs::Branch next = seen.branch;
        next.sealed_tokens = {next.staging_token};
        next.staging_token = staging::new_token("lake", "main");
        co_await peer.refs.replace_branch(repository, seen, next);
    }

    // Runs `action` before the first step that `wanted` accepts.
    void hold(SeamStore& where, std::function<bool(const kv::Step&)> wanted,
              std::function<Task<void>()> action) {
        where.before = [this, wanted, action](const kv::Step& step) -> Task<void> {
            if (held || !wanted(step)) co_return;
            held = true;
            co_await action();
        };
    }

    kv::MemoryStore store;
    House peer{store};
    const refs::Repository repository = peer.create_repository("lake");
    SeamStore seam{store};
    House house{seam, beside(peer)};
    bool held = false;
};

TEST_F(SeamTest, AWriterHeldBetweenItsWriteAndItsReadLosesNothing) {
    EXPECT_EQ(read(house, "first"), "0");
    hold(
        seam,
        [wrote = false](const kv::Step& step) mutable {
            if (writes_staged(step)) wrote = true;
            return wrote && reads_branch(step);
        },
        [this] { return commit_and_clean(); });

    write(house, "key", "1");

    EXPECT_TRUE(held);
    EXPECT_EQ(read(peer, "key"), "1");
    EXPECT_EQ(read(peer, "key", "main@"), "1");
    EXPECT_EQ(read(peer, "first", "main@"), "0");
}

TEST_F(SeamTest, AWriteIntoADroppedTokenIsRepeatedAndItsRowRemoved) {
    EXPECT_EQ(read(house, "first"), "0");
    hold(seam, writes_staged, [this] { return commit_and_clean(); });

    write(house, "key", "1");

    EXPECT_TRUE(held);
    EXPECT_EQ(read(peer, "key"), "1");
    EXPECT_EQ(read(peer, "key", "main@"), "nothing");
    await(house.cleaner.clean());
    EXPECT_TRUE(await(find_leftovers(peer.stores)).empty());
}

TEST_F(SeamTest, AWriteBetweenScanAndReplacementGoesToTheNewToken) {
    SeamStore committing(store);
    House committer(committing, beside(peer));
    int replacements = 0;
    committing.before = [&](const kv::Step& step) -> Task<void> {
        const auto* put_if = std::get_if<kv::PutIf>(&step);
        if (put_if == nullptr || put_if->key.name != "branches/main") co_return;
        if (++replacements != 2) co_return;
        co_await put(peer.stores, repository, "main", "late", value_of("2"), {});
    };
    CommitRequest request;
    request.branch = "main";

    await(commit(committer.stores, repository, request));

    EXPECT_EQ(replacements, 2);
    EXPECT_EQ(read(peer, "late"), "2");
    EXPECT_EQ(read(peer, "late", "main@"), "nothing");
    EXPECT_EQ(read(peer, "first", "main@"), "0");
}

// A committer seals and scans before the tombstone arrives under the sealed token, and replaces the
// record only after the writer has looked at it.
TEST_F(SeamTest, ADeletionTooLateForTheScanIsRepeated) {
    await(commit_and_clean());
    EXPECT_EQ(read(house, "first"), "0");
    hold(seam, writes_staged, [this] { return seal_only(); });

    await(remove(house.stores, repository, "main", "first", {}));

    EXPECT_TRUE(held);
    const auto seen = await(peer.refs.get_branch(repository, "main"));
    EXPECT_EQ(seen.branch.sealed_tokens.size(), 1u);
    refs::Branch next = seen.branch;
    next.sealed_tokens.clear();
    EXPECT_TRUE(await(peer.refs.replace_branch(repository, seen, next)));
    EXPECT_EQ(read(peer, "first"), "nothing");
}

// The tombstone replaces the value under the sealed token, which the committer has read already:
// it must not make the repetition believe that there is nothing to delete.
TEST_F(SeamTest, ADeletionOfAStagedValueTooLateForTheScanIsRepeated) {
    EXPECT_EQ(read(house, "first"), "0");
    hold(seam, writes_staged, [this] { return seal_only(); });

    await(remove(house.stores, repository, "main", "first", {}));

    EXPECT_TRUE(held);
    const auto seen = await(peer.refs.get_branch(repository, "main"));
    ASSERT_EQ(seen.branch.sealed_tokens.size(), 1u);
    const auto rows = await(store.scan(seen.branch.staging_token, "first", 1));
    ASSERT_EQ(rows.size(), 1u);
    EXPECT_TRUE(staging::decode(rows.front().value).is_tombstone());
}

TEST_F(SeamTest, AReaderHeldBeforeItsStagedReadMissesNothing) {
    EXPECT_EQ(read(house, "first"), "0");
    hold(seam, reads_staged, [this] { return commit_and_clean(); });

    EXPECT_EQ(read(house, "first"), "0");
    EXPECT_TRUE(held);
}

TEST_F(SeamTest, AListingHeldBeforeItsScanMissesNothing) {
    EXPECT_EQ(read(house, "first"), "0");
    seam.before_scan = [this](std::string_view partition) -> Task<void> {
        if (held || !is_staging(partition)) co_return;
        held = true;
        co_await commit_and_clean();
    };

    const ListPage page = await(list(house.stores, repository, "main", {}));

    EXPECT_TRUE(held);
    ASSERT_EQ(page.items.size(), 1u);
    EXPECT_EQ(page.items[0].key, "first");
}

// The seeded bugs that the tests above must catch.
TEST_F(SeamTest, AStoreThatReadsTheBranchBeforeTheWriteLosesIt) {
    SeamStore below(store);
    EagerStore eager(below);
    House wrong(eager, beside(peer));
    EXPECT_EQ(read(wrong, "first"), "0");
    hold(below, writes_staged, [this] { return commit_and_clean(); });

    write(wrong, "key", "1");

    EXPECT_TRUE(held);
    EXPECT_EQ(read(peer, "key"), "nothing");
}

TEST_F(SeamTest, AStoreThatReadsTheBranchBeforeStagedRowsHidesThem) {
    SeamStore below(store);
    EagerStore eager(below);
    House wrong(eager, beside(peer));
    EXPECT_EQ(read(wrong, "first"), "0");
    hold(below, reads_staged, [this] { return commit_and_clean(); });

    EXPECT_EQ(read(wrong, "first"), "nothing");
    EXPECT_TRUE(held);
}

TEST_F(SeamTest, AConditionalWriteThatACommitTookIsStillOurs) {
    hold(
        seam,
        [wrote = false](const kv::Step& step) mutable {
            if (std::holds_alternative<kv::PutIf>(step)) wrote = true;
            return wrote && reads_branch(step);
        },
        [this] { return commit_and_clean(); });
    const ChangeValue create = [](const std::optional<Value>& current) -> std::optional<Value> {
        if (current) return std::nullopt;
        return value_of("created");
    };

    EXPECT_TRUE(await(update(house.stores, repository, "main", "key", create, {})));

    EXPECT_TRUE(held);
    EXPECT_EQ(read(peer, "key", "main@"), "created");
    EXPECT_FALSE(await(update(house.stores, repository, "main", "key", create, {})));
}

TEST_F(SeamTest, AConditionalWriteSeesARivalsWrite) {
    hold(
        seam, [](const kv::Step& step) { return std::holds_alternative<kv::PutIf>(step); },
        [this]() -> Task<void> {
            co_await put(peer.stores, repository, "main", "key", value_of("rival"), {});
        });
    const ChangeValue create = [](const std::optional<Value>& current) -> std::optional<Value> {
        if (current) return std::nullopt;
        return value_of("created");
    };

    EXPECT_FALSE(await(update(house.stores, repository, "main", "key", create, {})));

    EXPECT_TRUE(held);
    EXPECT_EQ(read(peer, "key"), "rival");
}

TEST_F(SeamTest, AConditionalRemovalSeesARivalsWrite) {
    hold(
        seam, [](const kv::Step& step) { return std::holds_alternative<kv::PutIf>(step); },
        [this]() -> Task<void> {
            co_await put(peer.stores, repository, "main", "first", value_of("rival"), {});
        });
    const ChangeValue remove_old = [](const std::optional<Value>& current) -> std::optional<Value> {
        if (current != value_of("0")) return std::nullopt;
        return Value();
    };

    EXPECT_FALSE(await(update(house.stores, repository, "main", "first", remove_old, {})));

    EXPECT_TRUE(held);
    EXPECT_EQ(read(peer, "first"), "rival");
}

TEST_F(SeamTest, AConditionalRemovalThatASealCrossedIsRepeated) {
    EXPECT_EQ(read(house, "first"), "0");
    hold(
        seam, [](const kv::Step& step) { return std::holds_alternative<kv::PutIf>(step); },
        [this] { return seal_only(); });
    const ChangeValue remove_it = [](const std::optional<Value>& current) -> std::optional<Value> {
        if (!current) return std::nullopt;
        return Value();
    };

    EXPECT_TRUE(await(update(house.stores, repository, "main", "first", remove_it, {})));

    EXPECT_TRUE(held);
    const auto seen = await(peer.refs.get_branch(repository, "main"));
    EXPECT_EQ(await(store.scan(seen.branch.staging_token, "first", 1)).size(), 1u);
    EXPECT_EQ(read(peer, "first"), "nothing");
}

TEST_F(SeamTest, AnOldHintIsNotUsedForWrites) {
    EXPECT_EQ(read(house, "first"), "0");
    await(commit_and_clean());
    house.clock.advance(std::chrono::seconds(2));

    write(house, "key", "1");

    EXPECT_TRUE(await(find_leftovers(peer.stores)).empty());
    EXPECT_FALSE(await(store.scan("cleanup-tokens", "", 10)).size());
}

TEST_F(SeamTest, ARepositoryMadeAnewIsFoundBehindACachedRecord) {
    const refs::Repository known = await(house.refs.get_repository("lake"));
    await(peer.refs.delete_repository("lake"));
    const refs::Repository anew = peer.create_repository("lake");
    await(put(peer.stores, anew, "main", "key", value_of("new"), {}));

    EXPECT_EQ(await(get(house.stores, known, "main", "key"))->data, "new");
    await(put(house.stores, known, "main", "key", value_of("newer"), {}));
    EXPECT_EQ(await(get(peer.stores, anew, "main", "key"))->data, "newer");
}

TEST_F(SeamTest, LeftoversAreFoundAndOnlyTheyAreCleaned) {
    await(kv::put(store, {"lake-main:00000000-0000-4000-8000-000000000000", "lost"}, "row"));

    const auto found = await(find_leftovers(peer.stores));
    ASSERT_EQ(found.size(), 1u);
    EXPECT_EQ(await(clean_leftovers(peer.stores, found)), 1u);
    await(peer.cleaner.clean());

    EXPECT_TRUE(await(find_leftovers(peer.stores)).empty());
    EXPECT_EQ(read(peer, "first"), "0");
}

TEST_F(SeamTest, ATokenNamedMeanwhileIsNoLeftover) {
    const auto record = await(peer.refs.get_branch(repository, "main"));

    EXPECT_EQ(await(clean_leftovers(peer.stores, {record.branch.staging_token})), 0u);
    EXPECT_EQ(read(peer, "first"), "0");
}

TEST_F(SeamTest, TheResetOfAPrefixKeepsWhatIsWrittenBesideIt) {
    hold(
        seam, [](const kv::Step& step) { return std::holds_alternative<kv::PutIf>(step); },
        [this]() -> Task<void> {
            co_await put(peer.stores, repository, "main", "other", value_of("3"), {});
        });

    await(reset_prefix(house.stores, repository, "main", "fir", false));

    EXPECT_TRUE(held);
    EXPECT_EQ(read(peer, "first"), "nothing");
    EXPECT_EQ(read(peer, "other"), "3");
}

}  // namespace
}  // namespace tarn::versions
