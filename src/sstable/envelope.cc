#include "sstable/envelope.h"

#include "base/error.h"
#include "base/varint.h"

namespace tarn::sstable {
namespace {

bool take_part(std::string_view& bytes, std::string_view& part) {
    std::int64_t size = 0;
    if (!take_zigzag(bytes, size)) return false;
    if (size < 0 || static_cast<std::uint64_t>(size) > bytes.size()) return false;
    if (static_cast<std::uint64_t>(size) > envelope_part_bytes_max) return false;
    part = bytes.substr(0, static_cast<std::size_t>(size));
    bytes.remove_prefix(part.size());
    return true;
}

}  // namespace

void append_envelope(std::string& out, std::string_view identity, std::string_view data) {
    append_zigzag(out, static_cast<std::int64_t>(identity.size()));
    out += identity;
    append_zigzag(out, static_cast<std::int64_t>(data.size()));
    out += data;
}

std::optional<Envelope> find_envelope(std::string_view value) {
    Envelope envelope;
    if (!take_part(value, envelope.identity)) return std::nullopt;
    if (!take_part(value, envelope.data)) return std::nullopt;
    return envelope;
}

Envelope parse_envelope(std::string_view value) {
    const std::optional<Envelope> envelope = find_envelope(value);
    if (!envelope) throw Error(Code::corrupted, "record value is not an identity and data");
    return *envelope;
}

}  // namespace tarn::sstable
