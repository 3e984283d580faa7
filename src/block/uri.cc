#include "block/uri.h"

#include <algorithm>
#include <optional>

#include "base/bytes.h"
#include "base/error.h"

namespace tarn::block {
namespace {

constexpr std::string_view separator = "://";
// What Go leaves unescaped in a path, beside letters, digits and "-_.~".
constexpr std::string_view kept_in_paths = "$&+,/:;=@";

bool is_scheme(std::string_view text) {
    const auto is_letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); };
    const auto is_other = [](char c) {
        return (c >= '0' && c <= '9') || c == '+' || c == '-' || c == '.';
    };
    if (text.empty() || !is_letter(text.front())) return false;
    return std::ranges::all_of(text, [&](char c) { return is_letter(c) || is_other(c); });
}

bool is_control(char c) {
    return static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
}

std::string key_of_path(std::string_view path, std::string_view whole) {
    if (path.find('%') == std::string_view::npos) return std::string(path);
    const std::optional<std::string> decoded = percent_decode(path);
    if (!decoded) {
        throw Error(Code::invalid_argument,
                    "address '" + std::string(whole) + "' has a malformed percent escape",
                    "invalid_address");
    }
    return percent_encode(*decoded, kept_in_paths) == path ? *decoded : std::string(path);
}

}  // namespace

bool is_uri(std::string_view text) {
    const std::size_t at = text.find(separator);
    return at != std::string_view::npos && is_scheme(text.substr(0, at));
}

Uri parse_uri(std::string_view text) {
    if (!is_uri(text)) {
        throw Error(Code::invalid_argument, "address '" + std::string(text) + "' has no scheme",
                    "invalid_address");
    }
    if (std::ranges::any_of(text, is_control)) {
        throw Error(Code::invalid_argument, "an address has a control character",
                    "invalid_address");
    }
    const std::size_t at = text.find(separator);
    const std::string_view rest = text.substr(at + separator.size(), text.find('?') - at - 3);
    const std::size_t slash = rest.find('/');
    Uri uri;
    uri.scheme = to_lower(text.substr(0, at));
    uri.host = rest.substr(0, slash);
    if (slash != std::string_view::npos) uri.key = key_of_path(rest.substr(slash + 1), text);
    return uri;
}

}  // namespace tarn::block
