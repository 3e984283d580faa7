#include <array>

#include "base/bytes.h"
#include "s3/conditions.h"
#include "s3/metadata.h"
#include "s3/operations.h"
#include "s3/range.h"

namespace tarn::s3 {
namespace {

constexpr std::string_view empty_etag = "d41d8cd98f00b204e9800998ecf8427e";

struct Override {
    std::string_view parameter;
    std::string_view field;
};
constexpr std::array<Override, 6> overrides{{
    {"response-content-type", "Content-Type"},
    {"response-content-language", "Content-Language"},
    {"response-expires", "Expires"},
    {"response-cache-control", "Cache-Control"},
    {"response-content-disposition", "Content-Disposition"},
    {"response-content-encoding", "Content-Encoding"},
}};

std::string quoted(std::string_view etag) {
    std::string text;
    text.reserve(etag.size() + 2);
    text.append("\"").append(etag).append("\"");
    return text;
}

bool is_field_value(std::string_view value) {
    for (const char byte : value) {
        if ((static_cast<unsigned char>(byte) < ' ' && byte != '\t') || byte == 0x7f) return false;
    }
    return true;
}

// What a client sees when it asks for "main/": a folder.
Task<http::Response> get_root(Call& call) {
    const auto& ref = call.key().ref;
    if (ref.empty() || !call.key().has_slash) co_return refuse(call, {Fault::no_such_key});
    const auto resolved = co_await call.parts.refs().resolve(call.repository, ref);
    const auto commit = co_await call.parts.refs().find_commit(call.repository, resolved.commit_id);
    auto response = respond(call, 200);
    response.fields.add("Content-Type", "application/x-directory");
    response.fields.add("ETag", quoted(empty_etag));
    if (commit) response.fields.add("Last-Modified", format_http_date(commit->created));
    response.declared_size = 0;
    co_return response;
}

// The stretch that Range or partNumber asks for, or why there is none.
std::expected<std::optional<block::Range>, Failure> wanted_range(const Call& call,
                                                                 const catalog::Entry& entry) {
    const auto size = static_cast<std::uint64_t>(entry.size_bytes);
    const auto field = call.request.find("range");
    if (const auto part = call.params.find("partNumber")) {
        if (field) {
            return std::unexpected(
                Failure{Fault::invalid_request,
                        "Cannot specify both Range header and partNumber query parameter"});
        }
        const auto number = parse_decimal(*part);
        if (!number || *number < 1 || *number > 10'000) {
            return std::unexpected(
                Failure{Fault::invalid_argument,
                        "Part number must be an integer between 1 and 10000, inclusive"});
        }
        const auto dash = entry.etag.find('-');
        const bool has_parts = dash != entry.etag.npos && entry.etag.substr(dash) != "-1";
        if (has_parts) return std::unexpected(Failure{Fault::not_implemented});
        if (*number > 1) return std::unexpected(Failure{Fault::invalid_part_number});
        if (size == 0) return std::optional<block::Range>();
        return std::optional(block::Range{0, size - 1});
    }
    if (!field) return std::optional<block::Range>();
    const auto wanted = parse_range(*field, size);
    if (!wanted.is_satisfiable) return std::unexpected(Failure{Fault::invalid_range});
    return wanted.range;
}

void describe(const Call& call, const catalog::Entry& entry, http::Fields& fields) {
    fields.add("ETag", quoted(entry.etag));
    fields.add("Last-Modified", format_http_date(entry.modified));
    fields.add("Accept-Ranges", "bytes");
    const bool has_type = !entry.content_type.empty() && is_field_value(entry.content_type);
    fields.add("Content-Type", has_type ? std::string_view(entry.content_type)
                                        : std::string_view("binary/octet-stream"));
    write_metadata(fields, entry.metadata);
    // Only such a URL can be opened by a browser, on the host that serves the UI.
    const bool is_for_browsers = call.claim.mechanism == signature::Mechanism::v4_query ||
                                 call.claim.mechanism == signature::Mechanism::v2_query;
    if (is_for_browsers && call.target.virtual_bucket.empty()) {
        fields.add("X-Content-Type-Options", "nosniff");
        fields.add("X-Frame-Options", "SAMEORIGIN");
        fields.add("Content-Security-Policy", "default-src 'none'");
    }
}

std::optional<Failure> apply_overrides(const Call& call, http::Fields& fields) {
    if (call.params.all().empty()) return std::nullopt;
    for (const auto& [parameter, field] : overrides) {
        const auto value = call.params.find(parameter);
        if (!value) continue;
        if (!is_field_value(*value)) return Failure{Fault::invalid_argument};
        fields.set(field, *value);
    }
    return std::nullopt;
}

http::Response not_modified(const Call& call, const catalog::Entry& entry) {
    auto response = respond(call, 304);
    response.fields.add("ETag", quoted(entry.etag));
    response.fields.add("Last-Modified", format_http_date(entry.modified));
    return response;
}

http::Response unsatisfiable(const Call& call, const catalog::Entry& entry,
                             const Failure& failure) {
    auto response = refuse(call, failure);
    if (failure.fault == Fault::invalid_range) {
        response.fields.add("Content-Range", "bytes */" + std::to_string(entry.size_bytes));
    }
    return response;
}

}  // namespace

Task<http::Response> get_object(Call& call) {
    const auto& [ref, path, has_slash] = call.key();
    if (path.empty()) co_return co_await get_root(call);
    if (ref.empty() || path.size() > path_bytes_max) co_return refuse(call, {Fault::no_such_key});
    const auto version = call.params.find("versionId").value_or("null");
    if (version != "null") {
        co_return refuse(call, {Fault::invalid_argument, "Invalid version id specified"});
    }
    const auto entry = co_await call.parts.catalog.find(call.repository, ref, path);
    if (!entry) co_return refuse(call, {Fault::no_such_key});
    const auto conditions = read_conditions(call.request, call.parts.clock.now());
    if (conditions.any()) {
        const auto judged = judge_read(conditions, entry->etag, entry->modified);
        if (judged.verdict == ReadVerdict::not_modified) co_return not_modified(call, *entry);
        if (judged.verdict == ReadVerdict::failed) {
            co_return refuse(
                call,
                {Fault::precondition_failed, {}, {{"Condition", std::string(judged.condition)}}});
        }
    }
    const auto range = wanted_range(call, *entry);
    if (!range) co_return unsatisfiable(call, *entry, range.error());
    auto response = respond(call, *range ? 206 : 200);
    describe(call, *entry, response.fields);
    if (const auto failure = apply_overrides(call, response.fields)) {
        co_return refuse(call, *failure);
    }
    std::uint64_t size = static_cast<std::uint64_t>(entry->size_bytes);
    if (*range) {
        const auto [first, last] = **range;
        response.fields.add("Content-Range", "bytes " + std::to_string(first) + "-" +
                                                 std::to_string(last) + "/" + std::to_string(size));
        size = last - first + 1;
    }
    if (call.is_head()) {
        response.declared_size = size;
        co_return response;
    }
    auto opened = co_await call.parts.catalog.open(call.repository, *entry, *range);
    response.body = std::move(opened.body);
    co_return response;
}

}  // namespace tarn::s3
