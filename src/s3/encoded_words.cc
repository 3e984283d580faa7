#include <optional>

#include "base/bytes.h"
#include "s3/metadata.h"

namespace tarn::s3 {
namespace {

constexpr std::size_t word_bytes_max = 63;  // of the text inside one encoded word

struct Word {
    std::string_view charset;
    char encoding = 'q';
    std::string_view text;
    std::size_t size = 0;  // of the whole word
};

// The encoded word that begins at the front of `text`.
std::optional<Word> word_at(std::string_view text) {
    if (!text.starts_with("=?")) return std::nullopt;
    const auto charset_end = text.find('?', 2);
    if (charset_end == text.npos || charset_end == 2) return std::nullopt;
    const auto rest = text.substr(charset_end + 1);
    if (rest.size() < 4 || rest[1] != '?') return std::nullopt;
    const auto end = rest.find("?=", 2);
    if (end == rest.npos) return std::nullopt;
    const char encoding = rest[0] == 'B' || rest[0] == 'b'   ? 'b'
                          : rest[0] == 'Q' || rest[0] == 'q' ? 'q'
                                                             : '\0';
    if (encoding == '\0') return std::nullopt;
    return Word{text.substr(2, charset_end - 2), encoding, rest.substr(2, end - 2),
                charset_end + 1 + end + 2};
}

std::optional<std::string> decode_q(std::string_view text) {
    std::string bytes;
    for (std::size_t at = 0; at < text.size(); ++at) {
        if (text[at] == '_') {
            bytes += ' ';
        } else if (text[at] == '=') {
            const auto byte = from_hex(text.substr(at + 1, 2));
            if (!byte || byte->size() != 1) return std::nullopt;
            bytes += *byte;
            at += 2;
        } else {
            bytes += text[at];
        }
    }
    return bytes;
}

std::string from_latin1(std::string_view text) {
    std::string utf8;
    for (const char byte : text) {
        const auto value = static_cast<unsigned char>(byte);
        if (value < 0x80) {
            utf8 += byte;
        } else {
            utf8 += static_cast<char>(0xC0 | value >> 6);
            utf8 += static_cast<char>(0x80 | (value & 0x3F));
        }
    }
    return utf8;
}

bool is_plain(char byte) {
    return byte == '\t' || (byte >= ' ' && byte <= '~');
}

}  // namespace

std::optional<std::string> decode_words(std::string_view value) {
    std::string decoded;
    bool after_word = false;
    std::size_t gap = 0;  // white space since the last word, dropped between two words
    while (!value.empty()) {
        const auto word = word_at(value);
        auto bytes = !word                   ? std::nullopt
                     : word->encoding == 'b' ? from_base64(word->text)
                                             : decode_q(word->text);
        if (!bytes) {
            const bool is_space = value[0] == ' ' || value[0] == '\t';
            gap = is_space ? gap + 1 : 0;
            if (!is_space) after_word = false;
            decoded += value[0];
            value.remove_prefix(1);
            continue;
        }
        const bool is_utf8_word = equals_ignoring_case(word->charset, "utf-8") ||
                                  equals_ignoring_case(word->charset, "us-ascii");
        if (!is_utf8_word) {
            if (!equals_ignoring_case(word->charset, "iso-8859-1")) return std::nullopt;
            bytes = from_latin1(*bytes);
        }
        if (after_word) decoded.resize(decoded.size() - gap);
        decoded += *bytes;
        after_word = true;
        gap = 0;
        value.remove_prefix(word->size);
    }
    return decoded;
}

std::string encode_words(std::string_view value) {
    bool plain = true;
    for (const char byte : value) plain = plain && is_plain(byte);
    if (plain) return std::string(value);
    static constexpr char digits[] = "0123456789ABCDEF";
    std::string encoded = "=?utf-8?q?";
    std::size_t used = 0;
    for (std::size_t at = 0; at < value.size();) {
        std::size_t end = at + 1;  // of one character
        while (end < value.size() && (static_cast<unsigned char>(value[end]) & 0xC0) == 0x80) ++end;
        std::string character;
        for (; at < end; ++at) {
            const char byte = value[at];
            if (byte == ' ') {
                character += '_';
            } else if (byte > ' ' && byte <= '~' && byte != '=' && byte != '?' && byte != '_') {
                character += byte;
            } else {
                const auto code = static_cast<unsigned char>(byte);
                character += {'=', digits[code >> 4], digits[code & 15]};
            }
        }
        if (used + character.size() > word_bytes_max) {
            encoded += "?= =?utf-8?q?";
            used = 0;
        }
        used += character.size();
        encoded += character;
    }
    return encoded += "?=";
}

}  // namespace tarn::s3
