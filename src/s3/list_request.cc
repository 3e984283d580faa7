#include "s3/list_request.h"

#include <algorithm>
#include <limits>

#include "base/bytes.h"

namespace tarn::s3 {
namespace {

constexpr int keys_max = 1'000;

std::unexpected<Failure> refuse_argument(std::string message) {
    return std::unexpected(Failure{Fault::invalid_argument, std::move(message)});
}

constexpr char encoded_mark = ':';  // no ref begins with it

// Where a token goes on; nothing when it is none of a listing with this prefix. Branch listings
// give out bare names: what follows is behind "<name>/".
std::optional<std::string> cursor_of(std::string_view token, const std::string& prefix) {
    std::string cursor(token);
    if (token.starts_with(encoded_mark)) {
        auto decoded = from_base64url(token.substr(1));
        if (!decoded) return std::nullopt;
        cursor = std::move(*decoded);
    }
    if (cursor.empty() || !cursor.starts_with(prefix)) return std::nullopt;
    if (cursor.find('/') == cursor.npos) cursor += '/';
    return cursor;
}

}  // namespace

std::string token_of(std::string_view cursor) {
    const bool is_text = std::ranges::all_of(
        cursor, [](char byte) { return static_cast<unsigned char>(byte) >= ' ' && byte != 0x7f; });
    return is_text ? std::string(cursor) : encoded_mark + to_base64url(cursor);
}

std::optional<int> parse_limit(const Params& params, std::string_view name, int otherwise,
                               int most) {
    const auto field = params.find(name);
    if (!field || field->empty()) return otherwise;
    const auto number = parse_decimal(*field);
    if (!number || *number > std::numeric_limits<std::int32_t>::max()) return std::nullopt;
    return std::min(static_cast<int>(*number), most);
}

std::expected<ListRequest, Failure> parse_list_request(const Params& params, ListKind kind) {
    ListRequest request;
    request.query.prefix = params.find("prefix").value_or("");
    request.query.delimiter = params.find("delimiter").value_or("");
    const auto limit = parse_limit(params, "max-keys", keys_max, keys_max);
    if (!limit) {
        return refuse_argument("Argument max-keys must be an integer between 0 and 2147483647");
    }
    request.query.limit = *limit;
    if (const auto encoding = params.find("encoding-type"); encoding && !encoding->empty()) {
        if (*encoding != "url")
            return refuse_argument("Invalid Encoding Method specified in Request");
        request.url_encoding = true;
    }
    if (kind != ListKind::version_2) {
        const std::string_view name = kind == ListKind::versions ? "key-marker" : "marker";
        request.marker = params.find(name).value_or("");
        request.query.after = request.marker;
        return request;
    }
    request.fetch_owner = params.find("fetch-owner").value_or("") == "true";
    if (const auto after = params.find("start-after"); after && !after->empty()) {
        request.start_after = *after;
        request.query.after = *after;
    }
    if (const auto token = params.find("continuation-token")) {
        request.token = *token;
        auto cursor = cursor_of(*token, request.query.prefix);
        if (!cursor) return refuse_argument("The continuation token provided is incorrect");
        request.query.after = std::move(*cursor);
    }
    return request;
}

void write_key(XmlWriter& xml, std::string_view element, std::string_view key, bool url_encoding) {
    if (url_encoding) {
        xml.element(element, percent_encode(key, "/"));
    } else {
        xml.element(element, key);
    }
}

}  // namespace tarn::s3
