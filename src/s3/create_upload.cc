#include "s3/metadata.h"
#include "s3/operations.h"
#include "s3/upload.h"
#include "s3/xml.h"

namespace tarn::s3 {

Task<http::Response> create_upload(Call& call) {
    call.access = Access::write;
    const auto& key = call.key();
    if (key.ref.empty() || key.path.empty()) {
        co_return refuse(call, {Fault::invalid_argument, "A key is a branch, a slash and a path."});
    }
    if (const auto failure = refuse_path(key.path)) co_return refuse(call, *failure);
    if (const auto failure = refuse_promises(call.request)) co_return refuse(call, *failure);
    auto metadata = read_metadata(call.request);
    if (!metadata) co_return refuse(call, metadata.error());
    const auto obstacle = co_await find_write_obstacle(call, key.ref);
    if (obstacle) co_return refuse(call, *obstacle);

    catalog::Upload upload;
    upload.address = call.parts.catalog.new_address();
    upload.path = key.path;
    upload.place = upload_place(call.repository.id, key);
    upload.created = call.parts.clock.now();
    upload.metadata = std::move(*metadata);
    upload.content_type = call.request.find("content-type").value_or("");
    upload.id = co_await call.parts.blocks().begin_upload(address_of(call, upload));
    const std::string id = upload.id;
    co_await call.parts.catalog.add_upload(std::move(upload));
    XmlWriter xml("InitiateMultipartUploadResult", false);
    xml.element("Bucket", call.repository.id).element("Key", key.whole()).element("UploadId", id);
    co_return respond_xml(call, xml.finish());
}

}  // namespace tarn::s3
