#include "api/conditions.h"

#include <algorithm>

#include "base/bytes.h"

namespace tarn::api {

namespace {

bool names(std::string_view list, std::string_view etag, bool weakly) {
    while (!list.empty()) {
        const std::size_t comma = list.find(',');
        std::string_view tag = trim(list.substr(0, comma));
        list = comma == std::string_view::npos ? std::string_view() : list.substr(comma + 1);
        if (tag == "*") return true;
        if (weakly && tag.starts_with("W/")) tag.remove_prefix(2);
        const bool quoted = tag.size() >= 2 && tag.front() == '"' && tag.back() == '"';
        if (quoted && tag.substr(1, tag.size() - 2) == etag) return true;
    }
    return false;
}

}  // namespace

bool names_etag(std::string_view list, std::string_view etag) {
    return names(list, etag, true);
}

bool names_etag_strongly(std::string_view list, std::string_view etag) {
    return names(list, etag, false);
}

RangeVerdict read_range(std::string_view field, std::uint64_t size) {
    using Kind = RangeVerdict::Kind;
    const std::string_view range = trim(field.substr(std::string_view("bytes=").size()));
    const std::size_t dash = range.find('-');
    const std::string_view first = range.substr(0, dash);
    const std::string_view last = range.substr(dash + 1);
    if (last.find_first_not_of("0123456789") != std::string_view::npos)
        return {Kind::malformed, {}};
    if (first.empty() && last.empty()) return {Kind::malformed, {}};
    const auto to = last.empty() ? std::optional<std::uint64_t>(size) : parse_decimal(last);
    if (first.empty()) {
        if (!to) return {Kind::malformed, {}};
        if (*to == 0 || size == 0) return {Kind::unsatisfiable, {}};
        return {Kind::part, {size - std::min(*to, size), size - 1}};
    }
    const auto from = parse_decimal(first);
    if (!from || !to || (!last.empty() && *from > *to)) return {Kind::malformed, {}};
    if (*from >= size) return {Kind::unsatisfiable, {}};
    return {Kind::part, {*from, std::min(*to, size - 1)}};
}

bool is_shown_inline(std::string_view content_type) {
    constexpr std::string_view shown[] = {"image/jpeg",       "image/jpg",
                                          "image/png",        "image/gif",
                                          "image/webp",       "image/svg+xml",
                                          "application/pdf",  "text/plain",
                                          "text/markdown",    "text/x-markdown",
                                          "text/html",        "text/css",
                                          "text/javascript",  "application/javascript",
                                          "application/json", "application/xml",
                                          "text/xml",         "video/mp4",
                                          "video/webm",       "audio/mpeg",
                                          "audio/wav",        "audio/webm"};
    return std::ranges::find(shown, content_type) != std::end(shown);
}

}  // namespace tarn::api
