#include "committed/testing/golden_entry.h"

#include "base/identity.h"
#include "base/varint.h"

namespace tarn::committed::testing {
namespace {

void append_bytes(std::string& out, char tag, std::string_view bytes) {
    out += tag;
    append_uvarint(out, bytes.size());
    out += bytes;
}

}  // namespace

Value golden_value(const GoldenEntry& entry) {
    std::string modified;
    modified += '\x08';
    append_uvarint(modified, static_cast<std::uint64_t>(entry.modified_seconds));
    Value value;
    append_bytes(value.data, '\x0a', entry.address);
    append_bytes(value.data, '\x12', modified);
    if (entry.size != 0) {
        value.data += '\x18';
        append_uvarint(value.data, static_cast<std::uint64_t>(entry.size));
    }
    append_bytes(value.data, '\x22', entry.checksum);
    value.data += "\x30\x02";
    append_bytes(value.data, '\x3a', entry.content_type);
    value.identity = Identity()
                         .add_int64(entry.size)
                         .add_string(entry.checksum)
                         .add_map({})
                         .add_string(entry.content_type)
                         .digest();
    return value;
}

}  // namespace tarn::committed::testing
