#include "kv/postgres/internal/statements.h"

#include <fmt/format.h>

#include <array>

#include "base/error.h"

namespace tarn::kv::postgres {
namespace {

constexpr std::array<std::string_view, verb_count> names{
    "find", "put", "remove", "put_absent", "put_present", "put_equals", "scan"};

// OFFSET 0 keeps the planner from turning the look-ups into a join of its own taste.
constexpr std::string_view find_text =
    "SELECT u.n, t.value FROM unnest($1::bytea[], $2::bytea[]) WITH ORDINALITY AS u(p, k, n) "
    "CROSS JOIN LATERAL (SELECT value FROM {0} WHERE partition_key = u.p AND key = u.k "
    "OFFSET 0) AS t";
constexpr std::string_view insert_text =
    "INSERT INTO {0} (partition_key, key, value) "
    "SELECT p, k, v FROM unnest($1::bytea[], $2::bytea[], $3::bytea[]) AS u(p, k, v) ";
constexpr std::string_view overwrite_text =
    "ON CONFLICT (partition_key, key) DO UPDATE SET value = EXCLUDED.value";
constexpr std::string_view keep_text =
    "ON CONFLICT (partition_key, key) DO NOTHING RETURNING partition_key, key";
constexpr std::string_view remove_text =
    "DELETE FROM {0} AS t USING unnest($1::bytea[], $2::bytea[]) AS u(p, k) "
    "WHERE t.partition_key = u.p AND t.key = u.k";
constexpr std::string_view present_text =
    "UPDATE {0} AS t SET value = u.v "
    "FROM unnest($1::bytea[], $2::bytea[], $3::bytea[]) AS u(p, k, v) "
    "WHERE t.partition_key = u.p AND t.key = u.k RETURNING t.partition_key, t.key";
constexpr std::string_view equals_text =
    "UPDATE {0} AS t SET value = u.v "
    "FROM unnest($1::bytea[], $2::bytea[], $3::bytea[], $4::bytea[]) AS u(p, k, v, o) "
    "WHERE t.partition_key = u.p AND t.key = u.k AND t.value = u.o "
    "RETURNING t.partition_key, t.key";
constexpr std::string_view scan_text =
    "SELECT key, value FROM {0} WHERE partition_key = $1::bytea AND key >= $2::bytea "
    "ORDER BY key LIMIT $3::int4";

constexpr std::uint32_t bytea_oid = 17;

void append_int32(std::string& out, std::uint32_t value) {
    for (int shift = 24; shift >= 0; shift -= 8) out += static_cast<char>(value >> shift & 0xFFU);
}

std::string on(std::string_view text, int table) {
    return fmt::format(fmt::runtime(text), table_name(table));
}

}  // namespace

std::size_t statement_number(Verb verb, int table) {
    return static_cast<std::size_t>(verb) * (table_count + 1) +
           static_cast<std::size_t>(table - whole_table);
}

std::string table_name(int table) {
    return table == whole_table ? "kv" : fmt::format("kv_{}", table);
}

std::string statement_name(Verb verb, int table) {
    const std::string_view name = names[static_cast<std::size_t>(verb)];
    return table == whole_table ? fmt::format("{}_all", name) : fmt::format("{}_{}", name, table);
}

std::string statement_text(Verb verb, int table) {
    switch (verb) {
        case Verb::find:
            return on(find_text, table);
        case Verb::put:
            return on(insert_text, table).append(overwrite_text);
        case Verb::remove:
            return on(remove_text, table);
        case Verb::put_absent:
            return on(insert_text, table).append(keep_text);
        case Verb::put_present:
            return on(present_text, table);
        case Verb::put_equals:
            return on(equals_text, table);
        case Verb::scan:
            return on(scan_text, table);
    }
    check_failed("verb", "every verb has a statement", __FILE__, __LINE__);
}

void ByteaArray::clear(std::size_t elements) {
    bytes_.clear();
    append_int32(bytes_, 1);  // dimensions
    append_int32(bytes_, 0);  // no element is null
    append_int32(bytes_, bytea_oid);
    append_int32(bytes_, static_cast<std::uint32_t>(elements));
    append_int32(bytes_, 1);  // number of the first
}

void ByteaArray::append(std::string_view element) {
    append_int32(bytes_, static_cast<std::uint32_t>(element.size()));
    bytes_.append(element);
}

std::string int32_bytes(std::int32_t value) {
    std::string out;
    append_int32(out, static_cast<std::uint32_t>(value));
    return out;
}

std::int64_t read_int64(std::string_view bytes) {
    std::uint64_t value = 0;
    for (const char byte : bytes) value = value << 8U | static_cast<unsigned char>(byte);
    return static_cast<std::int64_t>(value);
}

}  // namespace tarn::kv::postgres
