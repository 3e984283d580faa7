#include "s3/copy_source.h"
#include "s3/operations.h"
#include "s3/range.h"
#include "s3/upload.h"
#include "s3/xml.h"

namespace tarn::s3 {

Task<http::Response> copy_part(Call& call) {
    call.access = Access::write;
    const auto number = part_number(call);
    if (!number) co_return refuse(call, number.error());
    const auto upload = co_await find_upload(call);
    if (!upload) co_return refuse(call, upload.error());
    const auto source = co_await find_copy_source(call);
    if (!source) co_return refuse(call, source.error());

    std::optional<block::Range> range;
    if (const auto field = call.request.find("x-amz-copy-source-range")) {
        range = parse_copy_range(*field);
        if (!range) {
            co_return refuse(call, {Fault::invalid_argument,
                                    "The x-amz-copy-source-range value must be of the form "
                                    "bytes=first-last where first and last are the zero-based "
                                    "offsets of the first and last bytes to copy"});
        }
        if (range->last >= static_cast<std::uint64_t>(source->entry.size_bytes)) {
            co_return refuse(call, {Fault::invalid_range});
        }
    }
    auto from = call.parts.catalog.address_of(source->repository, source->entry);
    block::Part part;
    try {
        part = co_await call.parts.blocks().copy_part(address_of(call, *upload), upload->id,
                                                      *number, std::move(from), range);
    } catch (const Error& error) {
        throw_missing_bytes(error);
    }
    XmlWriter xml("CopyPartResult", false);
    xml.time("LastModified", part.modified).etag("ETag", part.etag);
    co_return respond_xml(call, xml.finish());
}

}  // namespace tarn::s3
