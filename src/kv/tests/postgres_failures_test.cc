// What the PostgreSQL driver does when the database, or the way to it, fails in the middle.

#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/signal.h"
#include "base/testing/await.h"
#include "kv/postgres/internal/routing.h"
#include "kv/postgres/postgres_store.h"
#include "kv/testing/background.h"
#include "kv/testing/opened_postgres.h"

namespace tarn::kv {
namespace {

using std::chrono::milliseconds;

const Key branch{"repository", "branches/main"};
const Key staged{"token-1", "path"};

std::string table_with(const Key& key) {
    return "kv_" + std::to_string(postgres::table_of(key.partition));
}

constexpr const char* waiting_for_locks =
    "SELECT count(*) FROM pg_stat_activity "
    "WHERE application_name = 'tarn' AND wait_event_type = 'Lock'";
constexpr const char* waiting_for_replicas =
    "SELECT count(*) FROM pg_stat_activity "
    "WHERE application_name = 'tarn' AND wait_event = 'SyncRep'";
constexpr const char* ending_those_that_wait =
    "SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity "
    "WHERE application_name = 'tarn' AND (wait_event_type = 'Lock' OR wait_event = 'SyncRep')";

std::optional<Error> error_of(const std::function<void()>& action) {
    try {
        action();
        return std::nullopt;
    } catch (const Error& error) {
        return error;
    }
}

// Commits wait for a replica that does not exist: what they wrote is durable, and nobody hears.
class UnheardCommits {
public:
    explicit UnheardCommits(PostgresClient& client, const Secret& url)
        : client_(client), probe_(url), probing_([this] { return probe(); }) {
        client_.sql("ALTER SYSTEM SET synchronous_standby_names = 'nobody'");
        client_.sql("SELECT pg_reload_conf()");
        // When one commit waits, the server knows, and all others will.
        client_.wait_until(
            "SELECT count(*) FROM pg_stat_activity "
            "WHERE application_name = 'probe' AND wait_event = 'SyncRep'",
            "1");
    }
    // What waits now has lost its connection; later commits are heard again.
    void end() {
        client_.sql(ending_those_that_wait);
        over_ = true;
        client_.sql("ALTER SYSTEM RESET synchronous_standby_names");
        client_.sql("SELECT pg_reload_conf()");
        probing_.get();
    }

private:
    bool probe() {
        probe_.sql("SET application_name = 'probe'");
        while (!over_) probe_.sql("SELECT pg_logical_emit_message(true, 'probe', '')");
        return true;
    }

    PostgresClient& client_;
    PostgresClient probe_;
    std::atomic<bool> over_{false};
    Background<bool> probing_;
};

// The window between a staged write and the read of the branch record. Another server holds the
// reader there, and seals, scans and drops.
TEST(PostgresWindow, AWriteIsVisibleBeforeTheRecordBehindItIsRead) {
    OpenedPostgres opened;
    await(put(*opened.store, branch, "token-1"));
    PostgresClient committer(opened.url());
    committer.sql("BEGIN; LOCK TABLE " + table_with(branch) + " IN ACCESS EXCLUSIVE MODE");

    Background<std::optional<std::string>> writing(
        [&] { return await(put_then_find(*opened.store, staged, "v", branch)); });
    committer.wait_until(waiting_for_locks, "1");
    const std::string scanned =
        committer.sql("SELECT encode(value, 'escape') FROM kv_v WHERE partition_key = 'token-1'");
    committer.sql("UPDATE kv SET value = 'token-2' WHERE partition_key = 'repository'");
    committer.sql("DELETE FROM kv WHERE partition_key = 'token-1'; COMMIT");

    EXPECT_EQ(scanned, "v") << "the commit has overlooked a write that will be acknowledged";
    EXPECT_EQ(writing.get(), "token-2") << "the writer has not learned that its token moved";
}

TEST(PostgresWindow, ADriverThatReadsInTheTransactionOfItsWritesIsCaught) {
    PostgresSeams seams;
    seams.one_transaction = true;
    OpenedPostgres opened(PostgresOptions(), seams);
    await(put(*opened.store, branch, "token-1"));
    PostgresClient committer(opened.url());
    committer.sql("BEGIN; LOCK TABLE " + table_with(branch) + " IN ACCESS EXCLUSIVE MODE");

    Background<std::optional<std::string>> writing(
        [&] { return await(put_then_find(*opened.store, staged, "v", branch)); });
    committer.wait_until(waiting_for_locks, "1");
    const std::string scanned =
        committer.sql("SELECT count(*) FROM kv WHERE partition_key = 'token-1'");
    committer.sql("COMMIT");

    EXPECT_EQ(scanned, "0");
    writing.get();
}

TEST(PostgresFailures, ARefusedBatchHitsTheGuiltyCallerOnly) {
    OpenedPostgres opened;
    std::minstd_rand random(7);
    std::string endless(4000, ' ');  // incompressible, and longer than an index takes
    for (char& byte : endless) byte = static_cast<char>(random());
    const std::array<std::string, 5> names{"a", "b", endless, "c", "d"};
    std::array<std::optional<Error>, 5> errors;
    std::vector<std::function<Task<void>()>> writes;
    for (std::size_t at = 0; at < names.size(); ++at) {
        writes.emplace_back([&, at]() -> Task<void> {
            try {
                co_await put(*opened.store, {"p", names[at]}, "v");
            } catch (const Error& error) {
                errors[at] = error;
            }
        });
    }

    opened.held = true;
    writes.emplace_back([&]() -> Task<void> {
        co_await sleep_for(milliseconds(100));  // until the lane holds them all
        opened.held = false;
    });
    await(run_all(writes, 10));

    for (const std::size_t innocent : {0, 1, 3, 4}) EXPECT_FALSE(errors[innocent]);
    ASSERT_TRUE(errors[2]);
    EXPECT_EQ(errors[2]->code(), Code::invalid_argument);
    EXPECT_EQ(await(opened.store->scan("p", "", 10)).size(), 4U);
}

TEST(PostgresFailures, ADeadlockWithAnotherClientIsTriedAgain) {
    OpenedPostgres opened;
    await(put(*opened.store, {"p", "a"}, "0"));
    await(put(*opened.store, {"p", "b"}, "0"));
    PostgresClient other(opened.url());
    other.sql("SET deadlock_timeout = '60s'");  // so that it is the store that gives way
    other.sql("BEGIN; UPDATE kv SET value = 'theirs' WHERE key = 'b'");
    opened.held = true;
    Background<bool> writing([&] {
        std::vector<std::function<Task<void>()>> writes;
        for (const char* name : {"a", "b"}) {
            writes.emplace_back([&opened, name]() -> Task<void> {
                co_await put(*opened.store, {"p", name}, "ours");
            });
        }
        writes.emplace_back([&opened]() -> Task<void> {
            co_await sleep_for(milliseconds(100));  // until the lane holds both
            opened.held = false;
        });
        await(run_all(writes, 3));
        return true;
    });

    other.wait_until(waiting_for_locks, "1");
    other.sql("UPDATE kv SET value = 'theirs' WHERE key = 'a'; COMMIT");

    EXPECT_TRUE(writing.get());
    EXPECT_EQ(await(find(*opened.store, {"p", "b"})), "ours");
    // Once it has given way, the store may be the first to write the row again, or the last.
    const auto first = await(find(*opened.store, {"p", "a"}));
    EXPECT_TRUE(first == "ours" || first == "theirs");
}

TEST(PostgresFailures, FindsAndPlainWritesOutliveTheirConnection) {
    OpenedPostgres opened;
    await(put(*opened.store, branch, "token-1"));
    PostgresClient other(opened.url());
    other.sql("BEGIN; LOCK TABLE " + table_with(staged) + ", " + table_with(branch));
    Background<std::optional<std::string>> writing(
        [&] { return await(put_then_find(*opened.store, staged, "v", branch)); });
    Background<std::optional<std::string>> reading(
        [&] { return await(find(*opened.store, branch)); });

    other.wait_until(waiting_for_locks, "2");
    other.sql(ending_those_that_wait);
    other.sql("COMMIT");

    EXPECT_EQ(writing.get(), "token-1");
    EXPECT_EQ(reading.get(), "token-1");
    EXPECT_EQ(await(find(*opened.store, staged)), "v");
}

TEST(PostgresFailures, ScansAndDropsOutliveTheirConnection) {
    OpenedPostgres opened;
    await(put(*opened.store, {"p", "k"}, "v"));
    EXPECT_EQ(await(opened.store->scan("p", "", 10)).size(), 1U);
    PostgresClient other(opened.url());

    other.sql(
        "SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity "
        "WHERE application_name = 'tarn'");

    EXPECT_EQ(await(opened.store->scan("p", "", 10)).size(), 1U);
    other.sql(
        "SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity "
        "WHERE application_name = 'tarn'");
    await(opened.store->drop("p"));
    EXPECT_TRUE(await(opened.store->scan("p", "", 10)).empty());
}

TEST(PostgresFailures, AConditionalWriteThatDidNotHappenIsSentAgain) {
    OpenedPostgres opened;
    await(put(*opened.store, branch, "commit-1"));
    PostgresClient other(opened.url());
    other.sql("BEGIN; LOCK TABLE " + table_with(branch));
    Background<bool> writing(
        [&] { return await(put_if(*opened.store, branch, "commit-2", equals("commit-1"))); });

    other.wait_until(waiting_for_locks, "1");
    other.sql(ending_those_that_wait);
    other.sql("COMMIT");

    EXPECT_TRUE(writing.get());
    EXPECT_EQ(await(find(*opened.store, branch)), "commit-2");
}

TEST(PostgresFailures, AConditionalWriteThatHappenedUnheardIsWon) {
    for (const Expected& expected : {Expected(equals("commit-1")), Expected(present)}) {
        OpenedPostgres opened;
        await(put(*opened.store, branch, "commit-1"));
        PostgresClient other(opened.url());
        UnheardCommits unheard(other, opened.url());
        Background<bool> writing(
            [&] { return await(put_if(*opened.store, branch, "commit-2", expected)); });

        other.wait_until(waiting_for_replicas, "1");
        unheard.end();

        EXPECT_TRUE(writing.get());
        EXPECT_EQ(await(find(*opened.store, branch)), "commit-2");
    }
}

TEST(PostgresFailures, ACreationThatHappenedUnheardIsWonOnce) {
    OpenedPostgres opened;
    PostgresClient other(opened.url());
    UnheardCommits unheard(other, opened.url());
    Background<bool> creating(
        [&] { return await(put_if(*opened.store, branch, "commit-1", absent)); });

    other.wait_until(waiting_for_replicas, "1");
    unheard.end();

    EXPECT_TRUE(creating.get());
    EXPECT_FALSE(await(put_if(*opened.store, branch, "commit-2", absent)));
}

// Writes that share a transaction have happened all or not at all, and each condition is looked at.
TEST(PostgresFailures, ARowOfConditionalWritesThatHappenedUnheardIsWon) {
    OpenedPostgres opened;
    await(put(*opened.store, branch, "commit-1"));
    PostgresClient other(opened.url());
    UnheardCommits unheard(other, opened.url());
    const std::array<Step, 4> steps{PutIf{{"repository", "commits/2"}, "commit", absent},
                                    Put{staged, "v"}, PutIf{branch, "commit-2", equals("commit-1")},
                                    Find{branch}};
    Background<std::vector<Result>> writing([&] { return await(opened.store->run(steps)); });

    other.wait_until(waiting_for_replicas, "1");
    unheard.end();

    const auto results = writing.get();
    EXPECT_TRUE(results[0].done);
    EXPECT_TRUE(results[2].done);
    EXPECT_EQ(results[3].value, "commit-2");
    EXPECT_EQ(await(find(*opened.store, staged)), "v");
}

TEST(PostgresFailures, AConditionalWriteOvertakenUnheardHasAnUnknownFate) {
    OpenedPostgres opened;
    await(put(*opened.store, branch, "commit-1"));
    PostgresClient other(opened.url());
    UnheardCommits unheard(other, opened.url());
    Background<bool> writing(
        [&] { return await(put_if(*opened.store, branch, "commit-2", equals("commit-1"))); });

    other.wait_until(waiting_for_replicas, "1");
    opened.held = true;  // until another server has written
    unheard.end();
    other.sql("UPDATE kv SET value = 'commit-3' WHERE partition_key = 'repository'");
    opened.held = false;

    const auto error = error_of([&] { writing.get(); });
    ASSERT_TRUE(error);
    EXPECT_EQ(error->code(), Code::unavailable);
    EXPECT_NE(error->message().find("unknown"), std::string::npos);
    EXPECT_EQ(await(find(*opened.store, branch)), "commit-3");
}

TEST(PostgresFailures, ACallGivesUpAtItsDeadlineAndTheStoreGoesOn) {
    PostgresOptions options;
    options.request_timeout = milliseconds(1500);
    options.scan_timeout = milliseconds(1500);
    OpenedPostgres opened(options);
    await(put(*opened.store, staged, "v"));
    EXPECT_EQ(await(opened.store->scan(staged.partition, "", 10)).size(), 1U);
    PostgresClient other(opened.url());
    other.sql("BEGIN; LOCK TABLE " + table_with(staged));

    const auto of_find = error_of([&] { await(find(*opened.store, staged)); });
    const auto of_scan = error_of([&] { await(opened.store->scan(staged.partition, "", 10)); });
    other.sql("COMMIT");

    for (const auto& error : {of_find, of_scan}) {
        ASSERT_TRUE(error);
        EXPECT_EQ(error->code(), Code::unavailable);
    }
    EXPECT_EQ(await(find(*opened.store, staged)), "v");
    EXPECT_EQ(await(opened.store->scan(staged.partition, "", 10)).size(), 1U);
}

TEST(PostgresFailures, CallsWaitForADatabaseThatIsSoonBack) {
    PostgresOptions options;
    options.request_timeout = milliseconds(60'000);
    options.away_grace = milliseconds(60'000);
    OpenedPostgres opened(options);
    await(put(*opened.store, branch, "token-1"));
    EXPECT_EQ(await(opened.store->scan(branch.partition, "", 10)).size(), 1U);
    opened.server.stop();
    Background<std::optional<std::string>> writing(
        [&] { return await(put_then_find(*opened.store, staged, "v", branch)); });
    Background<std::size_t> scanning(
        [&] { return await(opened.store->scan(branch.partition, "", 10)).size(); });

    opened.server.start();

    EXPECT_EQ(writing.get(), "token-1");
    EXPECT_EQ(scanning.get(), 1U);
}

TEST(PostgresFailures, ADatabaseThatStaysAwayIsUnavailableUntilItIsBack) {
    PostgresOptions options;
    options.request_timeout = milliseconds(60'000);
    options.away_grace = milliseconds(50);
    OpenedPostgres opened(options);
    await(put(*opened.store, branch, "token-1"));
    opened.server.crash();

    std::vector<std::optional<Error>> errors;
    for (int at = 0; at < 3; ++at) {  // each in far less than a minute
        errors.push_back(error_of([&] { await(find(*opened.store, branch)); }));
        errors.push_back(error_of([&] { await(put(*opened.store, staged, "v")); }));
        errors.push_back(error_of([&] { await(opened.store->scan("p", "", 10)); }));
    }
    opened.server.start();

    for (const auto& error : errors) {
        ASSERT_TRUE(error);
        EXPECT_EQ(error->code(), Code::unavailable);
        EXPECT_NE(error->message().find("PostgreSQL"), std::string::npos);
    }
    std::optional<std::string> found;
    while (error_of([&] {
        await(put(*opened.store, branch, "token-2"));
        found = await(find(*opened.store, branch));
    })) {
    }
    EXPECT_EQ(found, "token-2");
}

// Writers of counters by compare and swap, while their connections are cut again and again: a win
// is counted once, and no win is lost.
TEST(PostgresFailures, NoWinIsLostOrInventedWhileConnectionsAreCut) {
    OpenedPostgres opened;
    await(put(*opened.store, branch, "0"));
    PostgresClient other(opened.url());
    int wins = 0;
    int unknown = 0;
    std::vector<std::function<Task<void>()>> lanes;
    for (int writer = 0; writer < 8; ++writer) {
        lanes.emplace_back([&, writer]() -> Task<void> {
            for (int at = 0; at < 40; ++at) {
                const auto seen = co_await find(*opened.store, branch);
                std::string next = std::to_string(std::stoi(*seen) + 1) + " by " +
                                   std::to_string(writer) + "." + std::to_string(at);
                try {
                    const bool won = co_await put_if(*opened.store, branch, next, equals(*seen));
                    if (won) ++wins;
                } catch (const Error&) {
                    ++unknown;
                }
            }
        });
    }
    lanes.emplace_back([&]() -> Task<void> {
        for (int cut = 0; cut < 25; ++cut) {
            other.sql(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE application_name = 'tarn' AND state <> 'idle'");
            co_await sleep_for(milliseconds(4));
        }
    });

    await(run_all(lanes, 20));

    const auto last = await(find(*opened.store, branch));
    EXPECT_GE(std::stoi(*last), wins);
    EXPECT_LE(std::stoi(*last), wins + unknown);
    EXPECT_GT(wins, 0);
}

}  // namespace
}  // namespace tarn::kv
