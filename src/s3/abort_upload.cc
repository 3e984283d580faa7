#include "s3/operations.h"
#include "s3/upload.h"

namespace tarn::s3 {

Task<http::Response> abort_upload(Call& call) {
    call.access = Access::write;
    const auto upload = co_await find_upload(call);
    if (!upload) co_return refuse(call, upload.error());
    // The record goes last: as long as it is there, a failed abort can be repeated.
    co_await call.parts.blocks().abort_upload(address_of(call, *upload), upload->id);
    co_await call.parts.catalog.remove_upload(upload->id);
    co_return respond(call, 204);
}

}  // namespace tarn::s3
