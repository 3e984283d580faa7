#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace tarn::signature::internal {

inline int hex_digit(char digit) {
    if (digit >= '0' && digit <= '9') return digit - '0';
    if (digit >= 'a' && digit <= 'f') return digit - 'a' + 10;
    if (digit >= 'A' && digit <= 'F') return digit - 'A' + 10;
    return -1;
}

// The byte that "%XX" at `at` stands for; nothing when there is no escape.
inline std::optional<char> escaped_byte(std::string_view text, std::size_t at) {
    if (text[at] != '%' || text.size() - at < 3) return std::nullopt;
    const int high = hex_digit(text[at + 1]);
    const int low = hex_digit(text[at + 2]);
    if (high < 0 || low < 0) return std::nullopt;
    return static_cast<char>(high * 16 + low);
}

inline bool is_unreserved(char byte) {
    return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') ||
           (byte >= '0' && byte <= '9') || byte == '-' || byte == '.' || byte == '_' || byte == '~';
}

// Appends one byte as Amazon's canonical form writes it.
inline void append_escaped(std::string& out, char byte) {
    static constexpr char digits[] = "0123456789ABCDEF";
    if (is_unreserved(byte)) {
        out += byte;
        return;
    }
    const auto value = static_cast<unsigned char>(byte);
    out += '%';
    out += digits[value >> 4];
    out += digits[value & 15];
}

}  // namespace tarn::signature::internal
