#include "kv/testing/opened_postgres.h"

namespace tarn::kv {
namespace {

const std::string database = "opened";

constexpr const char* emptying =
    "SET client_min_messages = warning; DO $$ BEGIN IF to_regclass('kv') IS NOT NULL THEN DROP "
    "TRIGGER IF EXISTS full_disk ON kv; "
    "DELETE FROM kv; END IF; END $$";
constexpr const char* filling =
    "CREATE OR REPLACE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS "
    "$$ BEGIN RAISE EXCEPTION 'no space left on device' USING ERRCODE = '53100'; END $$; "
    "CREATE TRIGGER full_disk BEFORE INSERT OR UPDATE ON kv FOR EACH ROW EXECUTE FUNCTION refuse()";

// Once a program: making a hundred tables for each test would take its time.
void make_database(PostgresServer& server) {
    static const bool made = [&server] {
        server.create_database(database);
        return true;
    }();
    static_cast<void>(made);
}

}  // namespace

OpenedPostgres::OpenedPostgres(const PostgresOptions& given, const PostgresSeams& given_seams)
    : options(given) {
    make_database(server);
    sql(emptying);
    options.connection_string = server.url(database);
    PostgresSeams seams = given_seams;
    seams.held = &held;
    store = std::make_unique<PostgresStore>(options, workers, seams);
}

std::string OpenedPostgres::sql(const std::string& statements) const {
    return server.sql(statements, database);
}

void OpenedPostgres::fill_disk() const {
    sql(filling);
}

namespace {

OpenedStore open_with(const ContractLimits& limits, const PostgresSeams& seams) {
    PostgresOptions options;
    options.request_timeout = limits.request_timeout;
    options.queue_operations_max = limits.queue_operations_max;
    const auto opened = std::make_shared<OpenedPostgres>(options, seams);
    return {std::shared_ptr<Store>(opened, opened->store.get()), [opened] { opened->held = true; },
            [opened] { opened->held = false; }, [opened] { opened->fill_disk(); }};
}

}  // namespace

OpenedStore open_postgres(const ContractLimits& limits) {
    return open_with(limits, PostgresSeams());
}

OpenedStore open_postgres_by_parent(const ContractLimits& limits) {
    PostgresSeams seams;
    seams.routed_by_parent = true;
    return open_with(limits, seams);
}

}  // namespace tarn::kv
