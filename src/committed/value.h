#pragma once

#include <string>
#include <string_view>

namespace tarn::committed {

// What a key holds: an identity, which decides whether two values are the same, and opaque bytes.
struct Value {
    std::string identity;
    std::string data;

    friend bool operator==(const Value&, const Value&) = default;
};

// A record as it stands in a decoded block; valid until its iterator moves.
struct RecordView {
    std::string_view key;
    std::string_view identity;
    std::string_view data;
};

}  // namespace tarn::committed
