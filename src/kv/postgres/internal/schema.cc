#include "kv/postgres/internal/schema.h"

#include <fmt/format.h>

#include <array>

namespace tarn::kv::postgres {
namespace {

// FNV-1a (32 bits) of "lakefs:kv".
constexpr const char* lock = "SELECT pg_advisory_lock(4109714936)";
constexpr const char* unlock = "SELECT pg_advisory_unlock(4109714936)";

constexpr const char* table =
    "CREATE TABLE IF NOT EXISTS kv (partition_key BYTEA NOT NULL, key BYTEA NOT NULL, "
    "value BYTEA NOT NULL, PRIMARY KEY (partition_key, key)) PARTITION BY HASH (partition_key)";
constexpr const char* view =
    "CREATE OR REPLACE VIEW kv_v AS SELECT ENCODE(partition_key, 'escape') AS partition_key, "
    "ENCODE(key, 'escape') AS key, value FROM kv";

constexpr const char* relations =
    "SELECT count(*) FROM unnest($1::text[]) AS u(name) WHERE to_regclass(u.name) IS NOT NULL";
constexpr const char* bounds =
    "SELECT count(*) FROM generate_series(0, 99) AS i JOIN pg_inherits AS h "
    "ON h.inhparent = to_regclass('kv') AND h.inhrelid = to_regclass('kv_' || i) "
    "JOIN pg_class AS c ON c.oid = h.inhrelid WHERE pg_get_expr(c.relpartbound, c.oid) = "
    "'FOR VALUES WITH (modulus 100, remainder ' || i || ')'";
constexpr const char* samples =
    "SELECT bool_and(satisfies_hash_partition(to_regclass('kv'), 100, u.n, u.p)) "
    "FROM unnest($1::int4[], $2::bytea[]) AS u(n, p)";

std::string value_of(Session& session, const std::string& statement,
                     std::span<const std::string> parameters, Moment deadline) {
    const ResultPtr found = session.query(statement, parameters, deadline);
    return PQntuples(found.get()) == 1 ? std::string(field_of(found.get(), 0, 0)) : std::string();
}

bool is_complete(Session& session, Moment deadline) {
    std::string names = "{kv,kv_v";
    for (int at = 0; at < table_count; ++at) names += "," + table_name(at);
    const std::array<std::string, 1> parameters{names + "}"};
    return value_of(session, relations, parameters, deadline) == std::to_string(table_count + 2);
}

// Sessions hold the lock until they give it back or end.
class Locked {
public:
    Locked(Session& session, Moment deadline) : session_(session), deadline_(deadline) {
        session_.query(lock, {}, deadline_);
    }
    void release() { session_.query(unlock, {}, deadline_); }

private:
    Session& session_;
    const Moment deadline_;
};

}  // namespace

void create_schema(Session& session, Moment deadline) {
    if (is_complete(session, deadline)) return;
    Locked locked(session, deadline);
    session.query(table, {}, deadline);
    for (int at = 0; at < table_count; ++at) {
        session.query(fmt::format("CREATE TABLE IF NOT EXISTS kv_{0} PARTITION OF kv FOR VALUES "
                                  "WITH (MODULUS {1}, REMAINDER {0})",
                                  at, table_count),
                      {}, deadline);
    }
    session.query(view, {}, deadline);
    locked.release();
}

bool routing_holds(Session& session, Moment deadline) {
    if (value_of(session, bounds, {}, deadline) != std::to_string(table_count)) return false;
    std::string numbers;
    std::string partitions;
    std::string sample;
    for (int at = 0; at < 4 * table_count; ++at) {
        sample += static_cast<char>(at * 151 + 7);  // every length, and bytes of all kinds
        if (sample.size() > 70) sample.erase(0, 69);
        std::string hex;
        for (const char byte : sample) {
            fmt::format_to(std::back_inserter(hex), "{:02x}", static_cast<unsigned char>(byte));
        }
        numbers += fmt::format("{}{}", at == 0 ? '{' : ',', table_of(sample));
        partitions += fmt::format("{}\"\\\\x{}\"", at == 0 ? '{' : ',', hex);
    }
    const std::array<std::string, 2> parameters{numbers + "}", partitions + "}"};
    return value_of(session, samples, parameters, deadline) == "t";
}

}  // namespace tarn::kv::postgres
