#include <algorithm>

#include "versions/internal/paging.h"

namespace tarn::versions {

std::optional<std::string> after_prefix(std::string_view prefix) {
    std::string next(prefix);
    while (!next.empty() && next.back() == '\xff') next.pop_back();
    if (next.empty()) return std::nullopt;
    next.back() = static_cast<char>(static_cast<unsigned char>(next.back()) + 1);
    return next;
}

std::string_view common_prefix(std::string_view key, std::string_view prefix,
                               std::string_view delimiter) {
    if (delimiter.empty()) return {};
    const std::size_t at = key.find(delimiter, prefix.size());
    if (at == key.npos) return {};
    return key.substr(0, at + delimiter.size());
}

std::optional<std::string> first_key(std::string_view prefix, std::string_view after,
                                     std::string_view delimiter) {
    if (after.empty() || after < prefix) return std::string(prefix);
    const bool rolled_up =
        after.starts_with(prefix) && common_prefix(after, prefix, delimiter) == after;
    if (rolled_up) return after_prefix(after);
    std::string next(after);
    next.push_back('\0');
    return next;
}

}  // namespace tarn::versions
