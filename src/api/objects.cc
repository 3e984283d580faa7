#include <fmt/format.h>

#include <utility>

#include "api/answers.h"
#include "api/checks.h"
#include "api/conditions.h"
#include "api/house.h"
#include "api/object_items.h"
#include "api/pagination.h"
#include "api/wire/objects.h"

namespace tarn::api {
namespace {

// The entry at a path of a ref; nothing when there is none.
Task<std::optional<catalog::Entry>> entry_of(Call& call, refs::Repository repository,
                                             std::string ref, std::string path) {
    require_path(path);
    std::optional<Error> failure;
    try {
        co_return co_await call.house.catalog.find(repository, ref, std::move(path));
    } catch (const Error& error) {
        failure = error;
    }
    if (failure->code() != Code::invalid_argument) throw *failure;
    co_await resolve(call, std::move(repository), std::move(ref), "");
    throw *failure;
}

// A store that cannot presign refuses requests for presigned addresses.
void require_presign(Call& call, int status = 400) {
    const block::Properties& store = call.house.blocks().properties();
    if (store.presign) return;
    throw exactly(status,
                  fmt::format("{} adapter presigned URL: operation not supported", store.type));
}

// A presigned address of an entry's bytes.
Task<std::string> presigned(Call& call, const refs::Repository& repository,
                            const catalog::Entry& entry) {
    block::Store& blocks = call.house.blocks();
    co_return co_await blocks.presign(call.house.catalog.address_of(repository, entry), false,
                                      blocks.properties().presign_lifetime);
}

// When an address that is presigned now is worth nothing any more, in Unix seconds.
std::int64_t presign_end(Call& call) {
    return unix_seconds(call.house.stores().clock.now() +
                        call.house.blocks().properties().presign_lifetime);
}

// The fields that every answer with an object carries.
http::Response object_answer(const catalog::Entry& entry) {
    http::Response response;
    response.fields.add("ETag", "\"" + entry.etag + "\"");
    response.fields.add("Last-Modified", format_http_date(entry.modified));
    response.fields.add("Cache-Control", "no-store, must-revalidate");
    response.fields.add("Expires", "0");
    return response;
}

http::Response refuse_object(http::Response response, int status, std::string_view message) {
    http::Response refusal = refuse(status, message);
    response.status = status;
    response.fields.set("Content-Type", "application/json");
    response.body = std::move(refusal.body);
    return response;
}

std::string content_range(block::Range range, std::int64_t size) {
    return fmt::format("bytes {}-{}/{}", range.first, range.last, size);
}

constexpr std::string_view not_satisfiable = "Requested Range Not Satisfiable";

// The bytes of an object, or of a range of it.
Task<http::Response> read_object(Call& call, refs::Repository repository, catalog::Entry entry,
                                 std::optional<std::string> field) {
    http::Response response = object_answer(entry);
    response.fields.add("X-Content-Type-Options", "nosniff");
    response.fields.add("X-Frame-Options", "SAMEORIGIN");
    response.fields.add("Content-Security-Policy", "default-src 'none'; sandbox");
    response.fields.add("Content-Disposition",
                        is_shown_inline(content_type_of(entry)) ? "inline" : "attachment");
    const std::int64_t size = entry.size_bytes;
    RangeVerdict verdict;
    if (field)
        verdict = read_range(*field, static_cast<std::uint64_t>(std::max<std::int64_t>(size, 0)));
    if (verdict.kind == RangeVerdict::Kind::unsatisfiable) {
        response.fields.add("Content-Range", fmt::format("bytes */{}", size));
    }
    if (verdict.kind != RangeVerdict::Kind::whole && verdict.kind != RangeVerdict::Kind::part) {
        co_return refuse_object(std::move(response), 416, not_satisfiable);
    }
    std::optional<block::Range> range;
    if (verdict.kind == RangeVerdict::Kind::part) range = verdict.range;
    const std::string content_type(content_type_of(entry));
    std::optional<Failure> failure;
    try {
        block::Opened opened =
            co_await call.house.catalog.open(std::move(repository), std::move(entry), range);
        response.body = std::move(opened.body);
    } catch (const Error& error) {
        failure = failure_of(error);
    }
    if (failure) co_return refuse_object(std::move(response), failure->status, failure->message);
    response.fields.add("Content-Type", content_type);
    if (range) {
        response.status = 206;
        response.fields.add("Content-Range", content_range(*range, size));
    }
    co_return response;
}

}  // namespace

Task<http::Response> get_object(Call& call, wire::GetObjectParams params) {
    auto repository = co_await repository_of(call, std::move(params.repository));
    auto entry = co_await entry_of(call, repository, std::move(params.ref), std::move(params.path));
    if (!entry) co_return refuse(404, "not found");
    if (params.if_none_match && names_etag(*params.if_none_match, entry->etag)) {
        http::Response unchanged = empty_answer(304);
        unchanged.fields.add("ETag", "\"" + entry->etag + "\"");
        co_return unchanged;
    }
    if (params.presign) {
        require_presign(call);
        http::Response elsewhere = empty_answer(302);
        const std::string url = co_await presigned(call, repository, *entry);
        elsewhere.fields.add("Location", url);
        co_return elsewhere;
    }
    co_return co_await read_object(call, std::move(repository), std::move(*entry),
                                   std::move(params.range));
}

Task<http::Response> head_object(Call& call, wire::HeadObjectParams params) {
    auto repository = co_await repository_of(call, std::move(params.repository));
    const auto entry = co_await entry_of(call, std::move(repository), std::move(params.ref),
                                         std::move(params.path));
    if (!entry) co_return empty_answer(404);
    const auto size = static_cast<std::uint64_t>(std::max<std::int64_t>(entry->size_bytes, 0));
    RangeVerdict verdict;
    if (params.range) verdict = read_range(*params.range, size);
    http::Response response = object_answer(*entry);
    response.fields.add("Accept-Ranges", "bytes");
    if (verdict.kind == RangeVerdict::Kind::unsatisfiable ||
        verdict.kind == RangeVerdict::Kind::malformed) {
        response.status = 416;
        co_return response;
    }
    response.fields.add("Content-Type", content_type_of(*entry));
    response.declared_size = size;
    if (verdict.kind == RangeVerdict::Kind::part) {
        response.status = 206;
        response.fields.add("Content-Range", content_range(verdict.range, entry->size_bytes));
        response.declared_size = verdict.range.last - verdict.range.first + 1;
    }
    co_return response;
}

Task<http::Response> stat_object(Call& call, wire::StatObjectParams params) {
    auto repository = co_await repository_of(call, std::move(params.repository));
    const std::string path = params.path;
    const auto entry =
        co_await entry_of(call, repository, std::move(params.ref), std::move(params.path));
    if (!entry) co_return refuse(404, "not found");
    if (params.presign) require_presign(call);
    std::string address = shown_address(call.house.catalog, repository, *entry);
    std::optional<std::int64_t> expiry;
    if (params.presign) {
        address = co_await presigned(call, repository, *entry);
        expiry = presign_end(call);
    }
    std::string text;
    append_object(text, path, *entry, address,
                  params.user_metadata ? ShowMetadata::always : ShowMetadata::empty, expiry);
    co_return json_answer(200, std::move(text));
}

Task<http::Response> list_objects(Call& call, wire::ListObjectsParams params) {
    const auto repository = co_await repository_of(call, std::move(params.repository));
    require_short(params.prefix, "prefix");
    require_short(params.delimiter, "delimiter");
    versions::ListQuery query;
    query.prefix = params.prefix.value_or("");
    query.after = params.after.value_or("");
    query.delimiter = params.delimiter.value_or("");
    query.limit = page_size(params.amount);
    std::optional<catalog::Listing> listing;
    std::optional<Error> failure;
    try {
        listing = co_await call.house.catalog.list(repository, params.ref, std::move(query));
    } catch (const Error& error) {
        failure = error;
    }
    if (failure) {
        if (failure->code() != Code::invalid_argument) throw *failure;
        co_await resolve(call, repository, params.ref, "");
        throw *failure;
    }
    std::string text = "{\"pagination\":";
    text.reserve(256 + listing->items.size() * 320);
    const std::string last = listing->items.empty() ? std::string() : listing->items.back().path;
    append(text, pagination(listing->items.size(), listing->more, last));
    text += ",\"results\":[";
    const ShownAddresses shown(call.house.catalog, repository);
    const ShowMetadata show = params.user_metadata ? ShowMetadata::when_any : ShowMetadata::never;
    for (const auto& item : listing->items) {
        if (text.back() != '[') text += ',';
        if (item.is_prefix) {
            append_common_prefix(text, item.path);
            continue;
        }
        if (params.presign) require_presign(call);
        std::string address = shown(item.entry);
        std::optional<std::int64_t> expiry;
        if (params.presign) {
            address = co_await presigned(call, repository, item.entry);
            expiry = presign_end(call);
        }
        append_object(text, item.path, item.entry, address, show, expiry);
    }
    text += "]}";
    co_return json_answer(200, std::move(text));
}

Task<http::Response> get_underlying_properties(Call& call,
                                               wire::GetUnderlyingPropertiesParams params) {
    auto repository = co_await repository_of(call, std::move(params.repository));
    const auto entry =
        co_await entry_of(call, repository, std::move(params.ref), std::move(params.path));
    if (!entry) co_return refuse(404, "not found");
    wire::UnderlyingObjectProperties answer;
    const block::Address address = call.house.catalog.address_of(repository, *entry);
    const auto stat = co_await call.house.blocks().stat(address);
    if (stat && !stat->storage_class.empty()) answer.storage_class = stat->storage_class;
    co_return json_answer(200, answer);
}

}  // namespace tarn::api
