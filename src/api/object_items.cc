#include "api/object_items.h"

#include "api/json.h"
#include "base/error.h"

namespace tarn::api {

using wire::append;

std::string_view content_type_of(const catalog::Entry& entry) {
    return entry.content_type.empty() ? std::string_view("application/octet-stream")
                                      : std::string_view(entry.content_type);
}

std::string shown_address(const catalog::Catalog& catalog, const refs::Repository& repository,
                          const catalog::Entry& entry) {
    try {
        return catalog.show_address(repository, entry);
    } catch (const Error&) {
        return entry.address;
    }
}

ShownAddresses::ShownAddresses(const catalog::Catalog& catalog, const refs::Repository& repository)
    : catalog_(catalog), repository_(repository) {
    catalog::Entry any;
    any.address = "data/x";
    base_ = shown_address(catalog, repository, any);
    base_.resize(base_.size() - any.address.size());
}

std::string ShownAddresses::operator()(const catalog::Entry& entry) const {
    const bool common =
        entry.address_type == catalog::AddressType::relative && entry.address.starts_with("data/");
    return common ? base_ + entry.address : shown_address(catalog_, repository_, entry);
}

void append_object(std::string& out, std::string_view path, const catalog::Entry& entry,
                   std::string_view physical_address, ShowMetadata show,
                   std::optional<std::int64_t> expiry) {
    out += "{\"path\":";
    append(out, path);
    out += ",\"path_type\":\"object\",\"physical_address\":";
    append(out, physical_address);
    if (expiry) {
        out += ",\"physical_address_expiry\":";
        append(out, *expiry);
    }
    out += ",\"checksum\":";
    append(out, std::string_view(entry.etag));
    out += ",\"size_bytes\":";
    append(out, entry.size_bytes);
    out += ",\"mtime\":";
    append(out, entry.modified == Time{} ? std::int64_t{0} : unix_seconds(entry.modified));
    if (show == ShowMetadata::empty) {
        out += ",\"metadata\":{}";
    } else if (show == ShowMetadata::always ||
               (show == ShowMetadata::when_any && !entry.metadata.empty())) {
        out += ",\"metadata\":";
        append(out, entry.metadata);
    }
    out += ",\"content_type\":";
    append(out, content_type_of(entry));
    out += '}';
}

void append_common_prefix(std::string& out, std::string_view path) {
    out += "{\"path\":";
    append(out, path);
    out +=
        ",\"path_type\":\"common_prefix\",\"physical_address\":\"\",\"checksum\":\"\",\"mtime\":0}";
}

}  // namespace tarn::api
