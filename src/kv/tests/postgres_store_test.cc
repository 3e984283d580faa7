#include "kv/postgres/postgres_store.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/signal.h"
#include "base/testing/await.h"
#include "kv/postgres/internal/routing.h"
#include "kv/testing/background.h"
#include "kv/testing/opened_postgres.h"

namespace tarn::kv {
namespace {

INSTANTIATE_TEST_SUITE_P(Postgres, StoreContract,
                         ::testing::Values(Driver{"postgres", open_postgres},
                                           Driver{"postgres_by_parent", open_postgres_by_parent}));
INSTANTIATE_TEST_SUITE_P(Postgres, QueueContract,
                         ::testing::Values(Driver{"postgres", open_postgres}));

std::optional<Error> error_of_opening(const PostgresOptions& options) {
    Workers workers(1);
    try {
        const PostgresStore store(options, workers);
        return std::nullopt;
    } catch (const Error& error) {
        return error;
    }
}

PostgresOptions on(Secret connection_string) {
    PostgresOptions options;
    options.connection_string = std::move(connection_string);
    return options;
}

// A database that no test has touched.
PostgresOptions on_new_database() {
    PostgresServer& server = PostgresServer::shared();
    server.create_database("fresh");
    return on(server.url("fresh"));
}

TEST(PostgresSchema, IsThatOfLakefs) {
    const PostgresOptions options = on_new_database();
    Workers workers(1);
    const PostgresStore store(options, workers);
    PostgresClient client(options.connection_string);

    EXPECT_EQ(
        client.sql("SELECT string_agg(attname || ' ' || atttypid::regtype || ' ' || attnotnull, "
                   "', ' ORDER BY attnum) FROM pg_attribute WHERE attrelid = 'kv'::regclass "
                   "AND attnum > 0"),
        "partition_key bytea true, key bytea true, value bytea true");
    EXPECT_EQ(client.sql("SELECT pg_get_partkeydef('kv'::regclass)"), "HASH (partition_key)");
    EXPECT_EQ(client.sql("SELECT pg_get_constraintdef(oid) FROM pg_constraint "
                         "WHERE conrelid = 'kv'::regclass"),
              "PRIMARY KEY (partition_key, key)");
    EXPECT_EQ(client.sql("SELECT count(*) FROM generate_series(0, 99) AS i JOIN pg_class AS c ON "
                         "c.relname = 'kv_' || i AND pg_get_expr(c.relpartbound, c.oid) = "
                         "format('FOR VALUES WITH (modulus 100, remainder %s)', i)"),
              "100");
    EXPECT_EQ(client.sql("SELECT regexp_replace(pg_get_viewdef('kv_v'), '\\s+', ' ', 'g')"),
              " SELECT encode(kv.partition_key, 'escape'::text) AS partition_key, "
              "encode(kv.key, 'escape'::text) AS key, kv.value FROM kv;");
    EXPECT_EQ(
        client.sql("SELECT count(*) FROM pg_class WHERE relnamespace = 'public'::regnamespace "
                   "AND relkind IN ('r', 'p', 'v', 'S', 'm')"),
        "102");
}

TEST(PostgresSchema, IsMadeByOneServerAtATime) {
    const PostgresOptions options = on_new_database();
    PostgresClient other(options.connection_string);
    other.sql("SELECT pg_advisory_lock(4109714936)");
    Background<bool> opening([&] { return error_of_opening(options).has_value(); });

    other.wait_until("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted",
                     "1");
    EXPECT_EQ(other.sql("SELECT to_regclass('kv') IS NULL"), "t");
    other.sql("SELECT pg_advisory_unlock(4109714936)");

    EXPECT_FALSE(opening.get());
    EXPECT_EQ(other.sql("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'"), "0");
}

TEST(PostgresSchema, NeedsNoRightToCreateWhatIsThere) {
    PostgresOptions options = on_new_database();
    Workers workers(1);
    {
        const PostgresStore store(options, workers);
    }
    PostgresClient owner(options.connection_string);
    owner.sql(
        "DROP ROLE IF EXISTS guest; CREATE ROLE guest LOGIN; "
        "GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO guest");
    const std::string url = options.connection_string.reveal();
    options.connection_string = Secret(url + "?user=guest");

    PostgresStore store(options, workers);

    await(put(store, {"p", "k"}, "v"));
    EXPECT_EQ(owner.sql("SELECT count(*) FROM pg_stat_activity WHERE usename = 'guest'"), "2");
    EXPECT_EQ(await(find(store, {"p", "k"})), "v");
}

TEST(PostgresStore, ComputesTheRoutingOfTheServer) {
    PostgresSeams seams;
    seams.routed_by_parent = true;
    OpenedPostgres opened(PostgresOptions(), seams);
    std::set<std::string> partitions;
    for (int at = 0; at < 300; ++at) {
        partitions.insert(std::string(static_cast<std::size_t>(at % 40), 'x') + std::to_string(at));
    }
    for (const std::string& partition : partitions) {
        await(put(*opened.store, {partition, "k"}, std::to_string(postgres::table_of(partition))));
    }

    EXPECT_EQ(opened.sql("SELECT count(*) FROM kv"), std::to_string(partitions.size()));
    EXPECT_EQ(opened.sql("SELECT count(*) FROM kv "
                         "WHERE tableoid::regclass::text <> 'kv_' || encode(value, 'escape')"),
              "0");
}

TEST(PostgresStore, SharesItsRowsWithOtherServers) {
    OpenedPostgres opened;
    PostgresStore other(opened.options, opened.workers);
    await(put(*opened.store, {"p", "k"}, "1"));

    EXPECT_EQ(await(find(other, {"p", "k"})), "1");
    EXPECT_TRUE(await(put_if(other, {"p", "k"}, "2", equals("1"))));
    EXPECT_FALSE(await(put_if(*opened.store, {"p", "k"}, "3", equals("1"))));
    EXPECT_EQ(opened.sql("SELECT encode(value, 'escape') FROM kv_v WHERE partition_key = 'p'"),
              "2");
}

TEST(PostgresStore, RefusesAConnectionStringWithoutRepeatingIt) {
    for (const char* text : {"postgresql://u:hunter2@h/db?sslmoed=disable", "hunter2 password",
                             "host=h password=hunter2 nonsense"}) {
        const auto refused = error_of_opening(on(Secret(text)));

        ASSERT_TRUE(refused);
        EXPECT_EQ(refused->code(), Code::invalid_argument) << text;
        EXPECT_EQ(refused->message().find("hunter2"), std::string::npos) << refused->message();
    }
}

TEST(PostgresStore, TellsWhyItCannotConnectButNotThePassword) {
    const std::string url = PostgresServer::shared().url("absent").reveal();
    const auto refused = error_of_opening(on(Secret(url + "?password=hunter2")));

    ASSERT_TRUE(refused);
    EXPECT_EQ(refused->code(), Code::unavailable);
    EXPECT_NE(refused->message().find("\"absent\" does not exist"), std::string::npos)
        << refused->message();
    EXPECT_EQ(refused->message().find("hunter2"), std::string::npos);
}

TEST(PostgresStore, KeepsToItsNumberOfConnections) {
    PostgresOptions options;
    options.connections_max = 5;
    OpenedPostgres opened(options);
    for (int at = 0; at < 50; ++at) await(put(*opened.store, {"p", std::to_string(at)}, "v"));
    std::vector<std::function<Task<void>()>> scans;
    std::size_t rows = 0;
    for (int at = 0; at < 40; ++at) {
        scans.emplace_back([&]() -> Task<void> {
            const auto page = co_await opened.store->scan("p", "", 1000);
            rows += page.size();
        });
    }

    await(run_all(scans, 40));

    EXPECT_EQ(rows, 40U * 50U);
    EXPECT_EQ(opened.sql("SELECT count(*) FROM pg_stat_activity WHERE application_name = 'tarn'"),
              "5");
}

TEST(PostgresStore, RenewsOldConnectionsUnnoticed) {
    PostgresOptions options;
    options.connection_lifetime = std::chrono::milliseconds(1);
    OpenedPostgres opened(options);
    std::set<std::string> backends;
    for (int at = 0; at < 20; ++at) {
        await(put(*opened.store, {"p", "k"}, std::to_string(at)));
        EXPECT_EQ(await(find(*opened.store, {"p", "k"})), std::to_string(at));
        EXPECT_EQ(await(opened.store->scan("p", "", 10)).size(), 1U);
        backends.insert(
            opened.sql("SELECT string_agg(pid::text, ' ' ORDER BY pid) "
                       "FROM pg_stat_activity WHERE application_name = 'tarn'"));
    }

    EXPECT_GT(backends.size(), 1U);
}

TEST(PostgresStore, ListsPartitionsThatCrowdInOneTable) {
    OpenedPostgres opened;
    opened.sql(
        "INSERT INTO kv SELECT convert_to('token-' || lpad(i::text, 5, '0'), 'UTF8'), 'k', '' "
        "FROM generate_series(1, 3000) AS i");
    std::vector<std::string> seen;
    while (true) {
        const auto page = await(opened.store->partitions(seen.empty() ? "" : seen.back(), 700));
        seen.insert(seen.end(), page.begin(), page.end());
        if (page.size() < 700) break;
    }

    EXPECT_EQ(seen.size(), 3000U);
    EXPECT_TRUE(std::ranges::is_sorted(seen));
    EXPECT_EQ(std::set(seen.begin(), seen.end()).size(), 3000U);
}

}  // namespace
}  // namespace tarn::kv
