#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>

namespace tarn {

// The encoding that entries, commits and range properties are hashed in: typed, length-prefixed.
// Source  docs/formats/identity.md
class Identity {
public:
    Identity& add_int64(std::int64_t value);
    Identity& add_string(std::string_view value);
    Identity& add_bytes(std::string_view value);
    Identity& add_strings(std::span<const std::string> values);
    Identity& add_map(const std::map<std::string, std::string>& values);
    Identity& add_embedded(const Identity& other);  // as the digest of `other`

    // What has been added, encoded; what is hashed.
    const std::string& encoded() const { return encoded_; }
    // SHA-256 of it: 32 raw bytes.
    std::string digest() const;

private:
    std::string encoded_;
};

}  // namespace tarn
