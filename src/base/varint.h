#pragma once

#include <bit>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

namespace tarn {

// Integers as range files and stored records hold them. The take_ functions remove what they read
// from the front of `bytes` and return false, leaving it unspecified, when it is too short or
// malformed.

inline void append_uvarint(std::string& out, std::uint64_t value) {
    while (value >= 0x80) {
        out.push_back(static_cast<char>(value | 0x80));
        value >>= 7;
    }
    out.push_back(static_cast<char>(value));
}

constexpr int uvarint_length(std::uint64_t value) {
    return value == 0 ? 1 : (std::bit_width(value) + 6) / 7;
}

inline bool take_uvarint(std::string_view& bytes, std::uint64_t& value) {
    value = 0;
    for (int shift = 0; shift < 64 && !bytes.empty(); shift += 7) {
        const auto byte = static_cast<std::uint8_t>(bytes.front());
        bytes.remove_prefix(1);
        if (shift == 63 && byte > 1) return false;
        value |= static_cast<std::uint64_t>(byte & 0x7f) << shift;
        if (byte < 0x80) return true;
    }
    return false;
}

inline void append_zigzag(std::string& out, std::int64_t value) {
    append_uvarint(
        out, (static_cast<std::uint64_t>(value) << 1) ^ static_cast<std::uint64_t>(value >> 63));
}

inline bool take_zigzag(std::string_view& bytes, std::int64_t& value) {
    std::uint64_t raw = 0;
    if (!take_uvarint(bytes, raw)) return false;
    value = static_cast<std::int64_t>((raw >> 1) ^ (~(raw & 1) + 1));
    return true;
}

template <class Integer>
void append_fixed(std::string& out, Integer value) {
    static_assert(std::endian::native == std::endian::little);
    char bytes[sizeof(Integer)];
    std::memcpy(bytes, &value, sizeof(Integer));
    out.append(bytes, sizeof(Integer));
}

// Requires sizeof(Integer) bytes at `from`.
template <class Integer>
Integer load_fixed(const char* from) {
    static_assert(std::endian::native == std::endian::little);
    Integer value;
    std::memcpy(&value, from, sizeof(Integer));
    return value;
}

}  // namespace tarn
