#include "base/identity.h"

#include "base/bytes.h"
#include "base/digest.h"

namespace tarn {
namespace {

// The byte in front of every value says what it is.
constexpr char bytes_tag = 0;
constexpr char string_tag = 1;
constexpr char int64_tag = 2;
constexpr char strings_tag = 3;
constexpr char map_tag = 4;
constexpr char embedded_tag = 5;

}  // namespace

Identity& Identity::add_int64(std::int64_t value) {
    encoded_ += int64_tag;
    encoded_ += static_cast<char>(sizeof value);
    const auto bits = static_cast<std::uint64_t>(value);
    for (int shift = 56; shift >= 0; shift -= 8) encoded_ += static_cast<char>(bits >> shift);
    return *this;
}

Identity& Identity::add_string(std::string_view value) {
    encoded_ += string_tag;
    add_int64(static_cast<std::int64_t>(value.size()));
    encoded_ += value;
    return *this;
}

Identity& Identity::add_bytes(std::string_view value) {
    encoded_ += bytes_tag;
    add_int64(static_cast<std::int64_t>(value.size()));
    encoded_ += value;
    return *this;
}

Identity& Identity::add_strings(std::span<const std::string> values) {
    encoded_ += strings_tag;
    add_int64(static_cast<std::int64_t>(values.size()));
    for (const std::string& value : values) add_string(value);
    return *this;
}

Identity& Identity::add_map(const std::map<std::string, std::string>& values) {
    encoded_ += map_tag;
    add_int64(static_cast<std::int64_t>(values.size()));
    for (const auto& [key, value] : values) {
        add_string(key);
        add_string(value);
    }
    return *this;
}

Identity& Identity::add_embedded(const Identity& other) {
    encoded_ += embedded_tag;
    return add_bytes(other.digest());
}

std::string Identity::digest() const {
    const Sha256Digest raw = sha256(encoded_);
    return std::string(as_view(raw));
}

}  // namespace tarn
