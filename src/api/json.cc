#include "api/json.h"

#include <array>
#include <charconv>
#include <cstring>

namespace tarn::api::wire {
namespace {

// Bytes that stand for themselves inside a JSON text; the rest is looked at.
constexpr std::array<bool, 256> plain = [] {
    std::array<bool, 256> table{};
    for (int byte = 0x20; byte < 0x80; ++byte) table[static_cast<std::size_t>(byte)] = true;
    table['"'] = false;
    table['\\'] = false;
    return table;
}();

// How many bytes from `at` on stand for themselves, in steps of eight.
std::size_t plain_eights(std::string_view text, std::size_t at) {
    constexpr std::uint64_t ones = 0x0101010101010101u;
    constexpr std::uint64_t highs = 0x8080808080808080u;
    const std::size_t from = at;
    for (; at + 8 <= text.size(); at += 8) {
        std::uint64_t word = 0;
        std::memcpy(&word, text.data() + at, 8);
        const std::uint64_t quotes = word ^ (ones * '"');
        const std::uint64_t slashes = word ^ (ones * '\\');
        const std::uint64_t special = word | ((word - ones * 0x20u) & ~word) |
                                      ((quotes - ones) & ~quotes) | ((slashes - ones) & ~slashes);
        if (special & highs) break;
    }
    return at - from;
}

unsigned byte_at(std::string_view text, std::size_t at) {
    return at < text.size() ? static_cast<unsigned char>(text[at]) : 0u;
}

bool continues(unsigned byte) {
    return (byte & 0xC0u) == 0x80u;
}

// The length of the well-formed UTF-8 sequence at `at`; 0 when there is none.
std::size_t sequence_length(std::string_view text, std::size_t at) {
    const unsigned first = byte_at(text, at);
    const unsigned second = byte_at(text, at + 1);
    if (first < 0xC2u || first > 0xF4u || !continues(second)) return 0;
    if (first < 0xE0u) return 2;
    if (!continues(byte_at(text, at + 2))) return 0;
    if (first < 0xF0u) {
        const bool overlong = first == 0xE0u && second < 0xA0u;
        const bool surrogate = first == 0xEDu && second > 0x9Fu;
        return overlong || surrogate ? 0 : 3;
    }
    const bool overlong = first == 0xF0u && second < 0x90u;
    const bool too_large = first == 0xF4u && second > 0x8Fu;
    return overlong || too_large || !continues(byte_at(text, at + 3)) ? 0 : 4;
}

void append_control(std::string& out, unsigned char byte) {
    constexpr std::string_view digits = "0123456789abcdef";
    switch (byte) {
        case '"':
            out += "\\\"";
            return;
        case '\\':
            out += "\\\\";
            return;
        case '\n':
            out += "\\n";
            return;
        case '\r':
            out += "\\r";
            return;
        case '\t':
            out += "\\t";
            return;
        default:
            out += "\\u00";
            out += digits[byte >> 4];
            out += digits[byte & 15];
    }
}

// In one step: most texts are plain, and a page has thousands of them.
void append_plain(std::string& out, std::string_view text) {
    const std::size_t begin = out.size();
    const std::size_t end = begin + text.size() + 2;
    out.resize_and_overwrite(end, [&](char* bytes, std::size_t) {
        bytes[begin] = '"';
        std::memcpy(bytes + begin + 1, text.data(), text.size());
        bytes[end - 1] = '"';
        return end;
    });
}

}  // namespace

void append(std::string& out, std::string_view text) {
    std::size_t at = plain_eights(text, 0);
    while (at < text.size() && plain[static_cast<unsigned char>(text[at])]) ++at;
    if (at == text.size()) return append_plain(out, text);
    out += '"';
    std::size_t from = 0;
    while (at < text.size()) {
        const auto byte = static_cast<unsigned char>(text[at]);
        if (plain[byte]) {
            ++at;
            continue;
        }
        if (byte >= 0x80u) {
            if (const std::size_t length = sequence_length(text, at)) {
                at += length;
                continue;
            }
        }
        out += text.substr(from, at - from);
        if (byte >= 0x80u) {
            out += "\\ufffd";
        } else {
            append_control(out, byte);
        }
        from = ++at;
    }
    out += text.substr(from);
    out += '"';
}

void append(std::string& out, std::int64_t number) {
    std::array<char, 24> digits{};
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr;
    out.append(digits.data(), end);
}

}  // namespace tarn::api::wire
