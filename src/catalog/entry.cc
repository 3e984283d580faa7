#include "catalog/entry.h"

#include <fmt/format.h>

#include "base/bytes.h"
#include "base/error.h"
#include "base/identity.h"
#include "base/timestamp.h"
#include "base/varint.h"
#include "catalog/internal/text.h"
#include "catalog/records.pb.h"

namespace tarn::catalog {
namespace {

// The fields of a record as their writers lay them out. Listings decode thousands of entries a
// request, and the generated parser allocates a message and every string twice.
class FieldReader {
public:
    explicit FieldReader(std::string_view bytes) : bytes_(bytes) {}

    bool is_empty() const { return bytes_.empty(); }

    // False at what is no field.
    bool read_tag(std::uint64_t& tag) { return take_uvarint(bytes_, tag); }

    bool read(std::int64_t& number) {
        std::uint64_t raw = 0;
        if (!take_uvarint(bytes_, raw)) return false;
        number = static_cast<std::int64_t>(raw);
        return true;
    }

    bool read(std::string_view& part) {
        std::uint64_t size = 0;
        if (!take_uvarint(bytes_, size) || size > bytes_.size()) return false;
        part = bytes_.substr(0, size);
        bytes_.remove_prefix(size);
        return true;
    }

    bool read(std::string& text) {
        std::string_view part;
        if (!read(part) || !is_utf8(part)) return false;
        text.assign(part);
        return true;
    }

private:
    std::string_view bytes_;
};

constexpr std::uint64_t tag_of(int field, bool is_number) {
    return static_cast<std::uint64_t>(field) << 3 | (is_number ? 0u : 2u);
}

struct Moment {
    std::int64_t whole_seconds = 0;
    std::int64_t fraction = 0;

    std::int64_t seconds() const { return whole_seconds; }
    std::int64_t nanos() const { return static_cast<std::int32_t>(fraction); }
};

bool read_moment(std::string_view bytes, Time& time) {
    Moment moment;
    FieldReader fields(bytes);
    std::uint64_t tag = 0;
    while (!fields.is_empty()) {
        if (!fields.read_tag(tag)) return false;
        const bool is_seconds = tag == tag_of(Timestamp::kSecondsFieldNumber, true);
        if (!is_seconds && tag != tag_of(Timestamp::kNanosFieldNumber, true)) return false;
        if (!fields.read(is_seconds ? moment.whole_seconds : moment.fraction)) return false;
    }
    time = read_timestamp(moment);
    return true;
}

bool read_metadata(std::string_view bytes, Metadata& metadata) {
    FieldReader fields(bytes);
    std::uint64_t tag = 0;
    std::string key;
    std::string value;
    if (!fields.read_tag(tag) || tag != tag_of(1, false) || !fields.read(key)) return false;
    if (!fields.read_tag(tag) || tag != tag_of(2, false) || !fields.read(value)) return false;
    metadata.insert_or_assign(std::move(key), std::move(value));
    return fields.is_empty();
}

// False at anything but the fields we know, in whatever order, as they are usually written; then
// the entry may be half read.
bool read_usual(std::string_view data, Entry& entry) {
    FieldReader fields(data);
    entry.address_type = AddressType::by_prefix;
    std::int64_t address_type = 0;
    std::string_view part;
    std::uint64_t tag = 0;
    while (!fields.is_empty()) {
        if (!fields.read_tag(tag)) return false;
        bool good = false;
        switch (tag) {
            case tag_of(EntryRecord::kAddressFieldNumber, false):
                good = fields.read(entry.address);
                break;
            case tag_of(EntryRecord::kLastModifiedFieldNumber, false):
                good = entry.modified == Time{} && fields.read(part) &&
                       read_moment(part, entry.modified);
                break;
            case tag_of(EntryRecord::kSizeFieldNumber, true):
                good = fields.read(entry.size_bytes);
                break;
            case tag_of(EntryRecord::kETagFieldNumber, false):
                good = fields.read(entry.etag);
                break;
            case tag_of(EntryRecord::kMetadataFieldNumber, false):
                good = fields.read(part) && read_metadata(part, entry.metadata);
                break;
            case tag_of(EntryRecord::kAddressTypeFieldNumber, true):
                good = fields.read(address_type) && address_type >= 0 && address_type <= 2;
                entry.address_type = static_cast<AddressType>(address_type);
                break;
            case tag_of(EntryRecord::kContentTypeFieldNumber, false):
                good = fields.read(entry.content_type);
                break;
            default:
                break;
        }
        if (!good) return false;
    }
    return true;
}

Entry decode_any(std::string_view data) {
    EntryRecord record;
    if (!record.ParseFromArray(data.data(), static_cast<int>(data.size()))) {
        throw Error(Code::corrupted,
                    fmt::format("an entry of {} bytes is not what it must be", data.size()));
    }
    Entry entry;
    entry.address = std::move(*record.mutable_address());
    if (record.address_type() < 0 || record.address_type() > 2) {
        throw Error(Code::corrupted,
                    fmt::format("address type {} of an entry is unknown", record.address_type()));
    }
    entry.address_type = static_cast<AddressType>(record.address_type());
    entry.modified = read_timestamp(record.last_modified());
    entry.size_bytes = record.size();
    entry.etag = std::move(*record.mutable_e_tag());
    entry.metadata.insert(record.metadata().begin(), record.metadata().end());
    entry.content_type = std::move(*record.mutable_content_type());
    return entry;
}

}  // namespace

std::string identity_of(const Entry& entry) {
    Identity identity;
    identity.add_int64(entry.size_bytes).add_string(entry.etag).add_map(entry.metadata);
    if (!entry.content_type.empty()) identity.add_string(entry.content_type);
    return identity.digest();
}

committed::Value encode(const Entry& entry) {
    require_text(entry.address, "the address");
    require_text(entry.etag, "the checksum");
    require_text(entry.content_type, "the content type");
    require_text(entry.metadata);
    EntryRecord record;
    record.set_address(entry.address);
    write_timestamp(*record.mutable_last_modified(), entry.modified);
    record.set_size(entry.size_bytes);
    record.set_e_tag(entry.etag);
    record.mutable_metadata()->insert(entry.metadata.begin(), entry.metadata.end());
    record.set_address_type(static_cast<int>(entry.address_type));
    record.set_content_type(entry.content_type);
    return {identity_of(entry), record.SerializeAsString()};
}

Entry decode(std::string_view data) {
    Entry entry;
    if (read_usual(data, entry)) return entry;
    return decode_any(data);
}

}  // namespace tarn::catalog
