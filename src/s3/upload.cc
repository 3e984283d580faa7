#include "s3/upload.h"

#include "base/bytes.h"

namespace tarn::s3 {

namespace {

// lakeFS does not record the place; the parts of its uploads lie in the namespace of the repository
// all the same, where alone they are looked for.
bool is_of(const catalog::Upload& upload, const std::string& repository, const ObjectKey& key) {
    if (upload.path != key.path) return false;
    return upload.place.empty() || upload.place == upload_place(repository, key);
}

}  // namespace

std::string upload_place(const std::string& repository, const ObjectKey& key) {
    return repository + "/" + key.ref;
}

Task<std::expected<catalog::Upload, Failure>> find_upload(const Call& call) {
    const std::string id(call.params.find("uploadId").value_or(""));
    std::optional<catalog::Upload> upload;
    if (!id.empty() && id.size() <= path_bytes_max) {
        upload = co_await call.parts.catalog.find_upload(id);
    }
    if (!upload || !is_of(*upload, call.repository.id, call.key())) {
        co_return std::unexpected(Failure{Fault::no_such_upload, {}, {{"UploadId", id}}});
    }
    co_return std::move(*upload);
}

std::expected<int, Failure> part_number(const Call& call) {
    const auto number = parse_decimal(call.params.find("partNumber").value_or(""));
    if (!number || *number < 1 || *number > 10'000) {
        return std::unexpected(
            Failure{Fault::invalid_argument,
                    "Part number must be an integer between 1 and 10000, inclusive"});
    }
    return static_cast<int>(*number);
}

block::Address address_of(const Call& call, const catalog::Upload& upload) {
    return {call.repository.storage_namespace, upload.address};
}

}  // namespace tarn::s3
