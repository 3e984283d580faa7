#include "auth/schema.h"

#include <fmt/format.h>

#include "auth/internal/records.h"
#include "base/bytes.h"
#include "base/error.h"

namespace tarn::auth {
namespace {

std::optional<int> version_in(const std::optional<std::string>& stored) {
    if (!stored) return std::nullopt;
    const auto number = parse_decimal(*stored);
    if (!number || *number > 1'000'000) {
        throw Error(Code::corrupted, "the schema version of the database is no number", "schema");
    }
    return static_cast<int>(*number);
}

Error refusal(int version) {
    const bool older = version >= 1 && version < schema_version;
    return Error(Code::precondition_failed,
                 fmt::format("the database has rows of schema version {}, this program is for "
                             "version {}: {}",
                             version, schema_version,
                             older ? "run `tarn migrate up`" : "use the program that wrote them"),
                 "schema");
}

}  // namespace

Task<std::optional<int>> find_schema_version(kv::Store& store) {
    const auto stored = co_await kv::find(store, internal::schema_row());
    co_return version_in(stored);
}

Task<void> check_schema(kv::Store& store) {
    const auto version = co_await find_schema_version(store);
    if (version && *version != schema_version) throw refusal(*version);
}

// What the versions changed lies in rows of access control by groups, which are not served here;
// so only the number moves.
Task<std::optional<int>> migrate_schema(kv::Store& store) {
    const auto stored = co_await kv::find(store, internal::schema_row());
    const auto version = version_in(stored);
    if (!version || *version == schema_version) co_return std::nullopt;
    if (*version < 1 || *version > schema_version) throw refusal(*version);
    auto latest = std::to_string(schema_version);
    const bool moved =
        co_await kv::put_if(store, internal::schema_row(), std::move(latest), kv::equals(*stored));
    if (!moved) throw Error(Code::conflict, "another process migrates the database", "schema");
    co_return version;
}

}  // namespace tarn::auth
