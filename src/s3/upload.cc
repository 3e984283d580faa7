#include "s3/upload.h"

#include "base/bytes.h"

namespace tarn::s3 {

std::string upload_path(const std::string& repository, const ObjectKey& key) {
    return repository + "/" + key.whole();
}

Task<std::expected<catalog::Upload, Failure>> find_upload(const Call& call) {
    const std::string id(call.params.find("uploadId").value_or(""));
    std::optional<catalog::Upload> upload;
    if (!id.empty() && id.size() <= path_bytes_max) {
        upload = co_await call.parts.catalog.find_upload(id);
    }
    if (!upload || upload->path != upload_path(call.repository.id, call.key())) {
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
