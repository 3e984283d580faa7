#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace tarn::http::syntax {

// The character classes of RFC 9110 and 9112.
enum Class : std::uint8_t {
    token = 1,   // names and methods
    value = 2,   // field values: visible characters, space, tab, and bytes from 0x80 on
    target = 4,  // request targets: visible characters, and bytes from 0x80 on
    host = 8,    // a Host field
};

constexpr std::array<std::uint8_t, 256> make_classes() {
    std::array<std::uint8_t, 256> classes{};
    for (int byte = 0; byte < 256; ++byte) {
        if (byte > 0x20 && byte != 0x7f) classes[byte] |= value | target;
        const bool letter_or_digit = (byte >= '0' && byte <= '9') || (byte >= 'A' && byte <= 'Z') ||
                                     (byte >= 'a' && byte <= 'z');
        if (letter_or_digit) classes[byte] |= token | host;
    }
    classes[' '] |= value;
    classes['\t'] |= value;
    for (const char byte : std::string_view("!#$%&'*+-.^_`|~"))
        classes[static_cast<unsigned char>(byte)] |= token;
    for (const char byte : std::string_view("-._~%!$&'()*+,;=:[]"))
        classes[static_cast<unsigned char>(byte)] |= host;
    return classes;
}

inline constexpr std::array<std::uint8_t, 256> classes = make_classes();

constexpr bool is(Class wanted, char byte) {
    return (classes[static_cast<unsigned char>(byte)] & wanted) != 0;
}

constexpr bool all(Class wanted, std::string_view text) {
    std::uint8_t common = 0xff;
    for (const char byte : text) common &= classes[static_cast<unsigned char>(byte)];
    return (common & wanted) != 0;
}

}  // namespace tarn::http::syntax
