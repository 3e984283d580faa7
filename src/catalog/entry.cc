#include "catalog/entry.h"

#include <fmt/format.h>

#include "base/error.h"
#include "base/identity.h"
#include "base/timestamp.h"
#include "catalog/internal/text.h"
#include "catalog/records.pb.h"

namespace tarn::catalog {

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

}  // namespace tarn::catalog
