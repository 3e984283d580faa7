#include "auth/internal/session.h"

#include "auth/auth.h"
#include "base/bytes.h"
#include "base/digest.h"

namespace tarn::auth::internal {
namespace {

using namespace std::string_view_literals;

constexpr std::size_t cookie_characters_max = 4096;

// gob writes a type descriptor under a number of the writer's choice (64 in ours), then a value of
// that type: here a map from interface to interface.
constexpr std::int64_t map_type = 64;
constexpr std::int64_t string_type = 6;
constexpr std::string_view descriptor_head = "\x04\x01\x02"sv;
constexpr std::string_view descriptor_tail = "\x00\x01\x10\x01\x10\x00\x00"sv;

void append_unsigned(std::string& out, std::uint64_t value) {
    if (value < 128) {
        out += static_cast<char>(value);
        return;
    }
    int bytes = 1;
    while (bytes < 8 && value >> (8 * bytes) != 0) ++bytes;
    out += static_cast<char>(256 - bytes);
    for (int i = bytes - 1; i >= 0; --i) out += static_cast<char>(value >> (8 * i));
}

void append_signed(std::string& out, std::int64_t value) {
    const auto bits = static_cast<std::uint64_t>(value);
    append_unsigned(out, value < 0 ? ~bits << 1 | 1 : bits << 1);
}

void append_text(std::string& out, std::string_view text) {
    append_unsigned(out, text.size());
    out += text;
}

// A string inside an interface value: the name of its type, the type, then the sized value.
void append_interface(std::string& out, std::string_view text) {
    std::string value(1, '\0');
    append_text(value, text);
    append_text(out, "string");
    append_signed(out, string_type);
    append_text(out, value);
}

std::string write_gob(std::string_view token) {
    std::string descriptor;
    append_signed(descriptor, -map_type);
    descriptor += descriptor_head;
    append_signed(descriptor, map_type);
    descriptor += descriptor_tail;

    std::string value;
    append_signed(value, map_type);
    value += '\0';
    append_unsigned(value, 1);
    append_interface(value, "token");
    append_interface(value, token);

    std::string gob;
    append_text(gob, descriptor);
    append_text(gob, value);
    return gob;
}

// Reads gob's primitives from the front of `left`; each gives nothing at malformed bytes.
struct GobReader {
    std::optional<std::uint64_t> read_unsigned() {
        if (left.empty()) return std::nullopt;
        const auto first = static_cast<unsigned char>(left[0]);
        left.remove_prefix(1);
        if (first < 128) return first;
        const std::size_t bytes = 256u - first;
        if (bytes > 8 || bytes > left.size()) return std::nullopt;
        std::uint64_t value = 0;
        for (std::size_t i = 0; i < bytes; ++i) {
            value = value << 8 | static_cast<unsigned char>(left[i]);
        }
        left.remove_prefix(bytes);
        return value;
    }

    std::optional<std::int64_t> read_signed() {
        const auto bits = read_unsigned();
        if (!bits) return std::nullopt;
        const std::uint64_t magnitude = *bits >> 1;
        return static_cast<std::int64_t>((*bits & 1) != 0 ? ~magnitude : magnitude);
    }

    std::optional<std::string_view> read_text() {
        const auto size = read_unsigned();
        if (!size || *size > left.size()) return std::nullopt;
        const std::string_view text = left.substr(0, *size);
        left.remove_prefix(*size);
        return text;
    }

    bool skip(std::string_view expected) {
        if (!left.starts_with(expected)) return false;
        left.remove_prefix(expected.size());
        return true;
    }

    std::optional<std::string_view> read_interface() {
        if (read_text() != "string"sv || read_signed() != string_type) return std::nullopt;
        const auto sized = read_text();
        if (!sized) return std::nullopt;
        GobReader value{*sized};
        if (!value.skip("\0"sv)) return std::nullopt;
        return value.read_text();
    }

    std::string_view left;
};

// The value under "token" of a map that `gob` holds.
std::optional<std::string> read_gob(std::string_view gob) {
    GobReader messages{gob};
    const auto first = messages.read_text();
    const auto second = messages.read_text();
    if (!first || !second) return std::nullopt;

    GobReader descriptor{*first};
    const auto defined = descriptor.read_signed();
    if (!defined || *defined >= 0 || !descriptor.skip(descriptor_head)) return std::nullopt;
    const std::int64_t type = -*defined;
    if (descriptor.read_signed() != type || descriptor.left != descriptor_tail) return std::nullopt;

    GobReader value{*second};
    if (value.read_signed() != type || !value.skip("\0"sv)) return std::nullopt;
    const auto count = value.read_unsigned();
    for (std::uint64_t i = 0; count && i < *count; ++i) {
        const auto name = value.read_interface();
        const auto text = value.read_interface();
        if (!name || !text) return std::nullopt;
        if (*name == "token") return std::string(*text);
    }
    return std::nullopt;
}

// URL-safe base64 with padding, as the cookie wants it.
std::string encode(std::string_view bytes) {
    std::string text = to_base64url(bytes);
    text.append((4 - text.size() % 4) % 4, '=');
    return text;
}

std::string mac_of(const Secret& secret_key, std::string_view dated) {
    std::string named(Auth::session_cookie_name);
    named += '|';
    named += dated;
    const Sha256Digest mac = hmac_sha256(secret_key.reveal(), named);
    return std::string(as_view(mac));
}

}  // namespace

std::string write_session(const Secret& secret_key, std::string_view token, Time now) {
    const std::string dated = std::to_string(unix_seconds(now)) + '|' + encode(write_gob(token));
    return encode(dated + '|' + mac_of(secret_key, dated));
}

std::optional<std::string> read_session(const Secret& secret_key, std::string_view value,
                                        Time now) {
    if (value.size() > cookie_characters_max) return std::nullopt;
    const auto bytes = from_base64url(value);
    if (!bytes) return std::nullopt;
    const std::string_view parts(*bytes);
    const auto first = parts.find('|');
    const auto second = first == parts.npos ? parts.npos : parts.find('|', first + 1);
    if (second == parts.npos) return std::nullopt;
    const std::string mac = mac_of(secret_key, parts.substr(0, second));
    if (!equals_in_constant_time(mac, parts.substr(second + 1))) return std::nullopt;

    const auto written = parse_decimal(parts.substr(0, first));
    if (!written || *written > std::uint64_t{1} << 40) return std::nullopt;
    const Time date = from_unix_seconds(static_cast<std::int64_t>(*written));
    if (now - date > session_age_max) return std::nullopt;
    const auto gob = from_base64url(parts.substr(first + 1, second - first - 1));
    return gob ? read_gob(*gob) : std::nullopt;
}

}  // namespace tarn::auth::internal
