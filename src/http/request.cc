#include "http/request.h"

#include <algorithm>

#include "base/bytes.h"

namespace tarn::http {

std::string_view Request::path() const {
    const std::string_view whole = target();
    return whole.substr(0, whole.find('?'));
}

std::string_view Request::query() const {
    const std::string_view whole = target();
    const auto mark = whole.find('?');
    return mark == std::string_view::npos ? std::string_view() : whole.substr(mark + 1);
}

std::optional<std::string_view> Request::find(std::string_view name) const {
    for (const auto& [key, value] : fields()) {
        if (key.size() == name.size() && equals_ignoring_case(key, name)) return value;
    }
    return std::nullopt;
}

std::vector<std::string_view> Request::find_all(std::string_view name) const {
    std::vector<std::string_view> found;
    for (const auto& [key, value] : fields()) {
        if (key.size() == name.size() && equals_ignoring_case(key, name)) found.push_back(value);
    }
    return found;
}

std::string_view Request::host() const {
    const auto value = find("Host");
    if (!value) return {};
    const auto bracket = value->rfind(']');  // an IPv6 address has colons of its own
    const auto colon = value->rfind(':');
    const bool has_port =
        colon != std::string_view::npos && (bracket == std::string_view::npos || colon > bracket);
    return has_port ? value->substr(0, colon) : *value;
}

namespace {

std::optional<std::string> decode(std::string_view text, bool plus_is_space) {
    if (!plus_is_space || !text.contains('+')) return percent_decode(text);
    std::string spaced(text);
    std::ranges::replace(spaced, '+', ' ');
    return percent_decode(spaced);
}

}  // namespace

std::optional<std::vector<QueryItem>> parse_query(std::string_view query, bool plus_is_space) {
    std::vector<QueryItem> items;
    while (!query.empty()) {
        const auto end = std::min(query.find('&'), query.size());
        const std::string_view pair = query.substr(0, end);
        query.remove_prefix(std::min(end + 1, query.size()));
        if (pair.empty()) continue;
        const auto equals = pair.find('=');
        const bool has_value = equals != std::string_view::npos;
        auto name = decode(pair.substr(0, equals), plus_is_space);
        auto value =
            decode(has_value ? pair.substr(equals + 1) : std::string_view(), plus_is_space);
        if (!name || !value) return std::nullopt;
        items.push_back({std::move(*name), std::move(*value), has_value});
    }
    return items;
}

}  // namespace tarn::http
