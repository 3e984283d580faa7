#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "committed/value.h"

namespace tarn::catalog {

using Metadata = std::map<std::string, std::string>;

// How an entry's address is to be read: formats 5.2.
enum class AddressType { by_prefix = 0, relative = 1, full = 2 };

// A versioned object: where its bytes lie and what is known of them.
struct Entry {
    std::string address;  // relative to the storage namespace, or a URI
    AddressType address_type = AddressType::relative;
    Time modified;
    std::int64_t size_bytes = 0;
    std::string etag;  // checksum without quotes
    Metadata metadata;
    std::string content_type;  // may be empty (imported); shown as application/octet-stream

    friend bool operator==(const Entry&, const Entry&) = default;
};

// The identity that decides whether two entries are the same content (formats 1.4), 32 raw bytes.
std::string identity_of(const Entry& entry);

// Errors  invalid_argument (detail "invalid_utf8"): a text that records cannot hold.
committed::Value encode(const Entry& entry);
// Errors  corrupted.
Entry decode(std::string_view data);

}  // namespace tarn::catalog
