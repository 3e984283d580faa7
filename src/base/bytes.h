#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace tarn {

// Lower-case hexadecimal.
std::string to_hex(std::string_view bytes);
// Nothing when the length is odd or a character is no hex digit (both cases are read).
std::optional<std::string> from_hex(std::string_view text);

// RFC 4648: standard alphabet with padding, and the URL-safe alphabet without.
std::string to_base64(std::string_view bytes);
std::optional<std::string> from_base64(std::string_view text);
std::string to_base64url(std::string_view bytes);
std::optional<std::string> from_base64url(std::string_view text);  // padding optional

// Percent-encoding. `encode` keeps A-Z a-z 0-9 - . _ ~ and the bytes of `keep`; the rest becomes
// %XX.
std::string percent_encode(std::string_view bytes, std::string_view keep = {});
// Nothing on a malformed escape. A plus sign stays one.
std::optional<std::string> percent_decode(std::string_view text);

// A view of an array of bytes, such as a digest.
template <std::size_t N>
std::string_view as_view(const std::array<std::uint8_t, N>& bytes) {
    return {reinterpret_cast<const char*>(bytes.data()), N};
}

// ASCII only, whatever the locale.
std::string to_lower(std::string_view text);
bool equals_ignoring_case(std::string_view left, std::string_view right);
std::string_view trim(std::string_view text);  // spaces and tabs at both ends

// Whether bytes are well-formed UTF-8.
bool is_utf8(std::string_view bytes);

// Comparison in time that depends on the lengths only.
bool equals_in_constant_time(std::string_view left, std::string_view right);

// Decimal digits only, no sign, no overflow; else nothing.
std::optional<std::uint64_t> parse_decimal(std::string_view text);

}  // namespace tarn
