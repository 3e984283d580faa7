#include <fmt/format.h>

#include "base/error.h"
#include "base/timestamp.h"
#include "catalog/catalog.h"
#include "catalog/internal/state.h"
#include "catalog/internal/text.h"
#include "catalog/records.pb.h"
#include "kv/store.h"

namespace tarn::catalog {

namespace {

constexpr std::string_view partition = "multiparts";

std::string encode_upload(const Upload& upload) {
    require_text(upload.path, "the path of an upload");
    require_text(upload.content_type, "the content type");
    require_text(upload.metadata);
    UploadRecord record;
    record.set_upload_id(upload.id);
    record.set_path(upload.path);
    record.set_place(upload.place);
    write_timestamp(*record.mutable_creation_date(), upload.created);
    record.set_physical_address(upload.address);
    record.mutable_metadata()->insert(upload.metadata.begin(), upload.metadata.end());
    record.set_content_type(upload.content_type);
    return record.SerializeAsString();
}

Upload decode_upload(std::string_view name, std::string_view bytes) {
    UploadRecord record;
    if (!record.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) {
        throw Error(Code::corrupted,
                    fmt::format("the record of upload '{}' is not what it must be", name));
    }
    return {record.upload_id(),
            record.path(),
            record.place(),
            read_timestamp(record.creation_date()),
            record.physical_address(),
            Metadata(record.metadata().begin(), record.metadata().end()),
            record.content_type()};
}

}  // namespace

Task<void> Catalog::add_upload(Upload upload) {
    kv::Key key{std::string(partition), upload.id};
    const bool added =
        co_await kv::put_if(state_->stores.kv, std::move(key), encode_upload(upload), kv::absent);
    if (!added) throw Error(Code::already_exists, fmt::format("upload '{}' exists", upload.id));
}

Task<std::optional<Upload>> Catalog::find_upload(std::string id) {
    if (id.empty()) co_return std::nullopt;
    kv::Key key{std::string(partition), id};
    const auto bytes = co_await kv::find(state_->stores.kv, std::move(key));
    if (!bytes) co_return std::nullopt;
    co_return decode_upload(id, *bytes);
}

Task<void> Catalog::remove_upload(std::string id) {
    kv::Key key{std::string(partition), std::move(id)};
    co_await kv::remove(state_->stores.kv, std::move(key));
}

Task<std::vector<Upload>> Catalog::list_uploads(std::string after, int limit) {
    const std::string from = after.empty() ? after : after + '\0';
    const auto rows = co_await state_->stores.kv.scan(partition, from, limit);
    std::vector<Upload> uploads;
    uploads.reserve(rows.size());
    for (const kv::Pair& row : rows) uploads.push_back(decode_upload(row.name, row.value));
    co_return uploads;
}

}  // namespace tarn::catalog
