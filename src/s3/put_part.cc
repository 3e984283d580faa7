#include "s3/metadata.h"
#include "s3/operations.h"
#include "s3/upload.h"

namespace tarn::s3 {

Task<http::Response> put_part(Call& call) {
    call.access = Access::write;
    const auto number = part_number(call);
    if (!number) co_return refuse(call, number.error());
    if (const auto failure = refuse_promises(call.request)) co_return refuse(call, *failure);
    auto rules = body_rules(call);
    // The store answers the part's MD5 by itself.
    rules.wants_md5 = false;
    const auto upload = co_await find_upload(call);
    if (!upload) co_return refuse(call, upload.error());

    signature::VerifiedBody body(call.request.body(), std::move(rules), call.parts.workers);
    if (body.size().value_or(0) > call.parts.options.object_bytes_max) {
        co_return refuse(call, {Fault::entity_too_large});
    }
    const auto part =
        co_await call.parts.blocks().put_part(address_of(call, *upload), upload->id, *number, body);
    auto response = respond(call, 200);
    response.fields.add("ETag", "\"" + part.etag + "\"");
    if (body.checksum()) {
        response.fields.add(signature::header_of(*body.checksum_kind()), *body.checksum());
    }
    co_return response;
}

}  // namespace tarn::s3
