#include "s3/list_request.h"
#include "s3/operations.h"
#include "s3/upload.h"
#include "s3/xml.h"

namespace tarn::s3 {
namespace {

constexpr int page_max = 1'000;
constexpr int number_max = 10'000;

}  // namespace

Task<http::Response> list_parts(Call& call) {
    const auto limit = parse_limit(call.params, "max-parts", page_max, page_max);
    const auto after = parse_limit(call.params, "part-number-marker", 0, number_max);
    if (!limit || !after) {
        co_return refuse(call, {Fault::invalid_argument,
                                limit ? "Argument part-number-marker must be an integer between 0 "
                                        "and 2147483647"
                                      : "Argument max-parts must be an integer between 0 and "
                                        "2147483647"});
    }
    const auto upload = co_await find_upload(call);
    if (!upload) co_return refuse(call, upload.error());
    block::PartPage page;
    if (*limit > 0) {
        page = co_await call.parts.blocks().list_parts(address_of(call, *upload), upload->id,
                                                       *after, *limit);
    }
    const auto& owner = call.credential->user;
    XmlWriter xml("ListPartsResult", false);
    xml.element("Bucket", call.repository.id).element("Key", call.key().whole());
    xml.element("UploadId", upload->id);
    xml.open("Initiator").element("ID", owner).element("DisplayName", owner).close("Initiator");
    xml.open("Owner").element("ID", owner).element("DisplayName", owner).close("Owner");
    xml.element("StorageClass", "STANDARD");
    xml.element("PartNumberMarker", static_cast<std::uint64_t>(*after));
    if (page.more) {
        xml.element("NextPartNumberMarker", static_cast<std::uint64_t>(page.parts.back().number));
    }
    xml.element("MaxParts", static_cast<std::uint64_t>(*limit)).flag("IsTruncated", page.more);
    for (const auto& part : page.parts) {
        xml.open("Part").element("PartNumber", static_cast<std::uint64_t>(part.number));
        xml.time("LastModified", part.modified).etag("ETag", part.etag);
        xml.element("Size", part.size_bytes).close("Part");
    }
    co_return respond_xml(call, xml.finish());
}

}  // namespace tarn::s3
