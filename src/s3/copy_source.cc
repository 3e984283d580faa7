#include "s3/copy_source.h"

#include "refs/names.h"
#include "s3/conditions.h"

namespace tarn::s3 {
namespace {

Task<std::optional<catalog::Entry>> find_entry(const Call& call, const refs::Repository& repository,
                                               const ObjectKey& key) {
    std::optional<catalog::Entry> entry;
    try {
        entry = co_await call.parts.catalog.find(repository, key.ref, key.path);
    } catch (const Error& error) {
        // A ref that does not exist holds no object.
        if (error.code() != Code::not_found && error.code() != Code::invalid_argument) throw;
    }
    co_return entry;
}

}  // namespace

Task<std::expected<FoundSource, Failure>> find_copy_source(const Call& call) {
    const auto parsed = parse_copy_source(call.request.find("x-amz-copy-source").value_or(""));
    if (!parsed) {
        co_return std::unexpected(
            Failure{Fault::invalid_argument,
                    "Copy Source must mention the source bucket and key: sourcebucket/sourcekey."});
    }
    if (parsed->version.value_or("null") != "null") {
        co_return std::unexpected(Failure{Fault::invalid_argument, "Invalid version id specified"});
    }
    if (!refs::is_repository_name(parsed->bucket)) {
        co_return std::unexpected(Failure{Fault::no_such_bucket});
    }
    auto repository = co_await call.parts.refs().find_repository(parsed->bucket);
    if (!repository) co_return std::unexpected(Failure{Fault::no_such_bucket});
    if (parsed->key.path.size() > path_bytes_max) {
        co_return std::unexpected(Failure{Fault::no_such_key});
    }
    auto entry = co_await find_entry(call, *repository, parsed->key);
    if (!entry) co_return std::unexpected(Failure{Fault::no_such_key});
    const auto conditions = read_source_conditions(call.request, call.parts.clock.now());
    const auto judged = judge_read(conditions, entry->etag, entry->modified);
    if (judged.verdict != ReadVerdict::proceed) {
        co_return std::unexpected(
            Failure{Fault::precondition_failed,
                    {},
                    {{"Condition", "x-amz-copy-source-" + std::string(judged.condition)}}});
    }
    co_return FoundSource{std::move(*repository), parsed->key, std::move(*entry)};
}

void throw_missing_bytes(const Error& error) {
    if (error.code() != Code::not_found || error.detail() != "no_such_object") throw error;
    throw Error(Code::gone, error.message(), "no_such_object");
}

}  // namespace tarn::s3
