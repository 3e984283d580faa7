#include "s3/operations.h"
#include "s3/xml.h"

namespace tarn::s3 {
namespace {

// Whether the object of the request exists.
Task<bool> exists(const Call& call) {
    const auto& key = call.key();
    if (key.ref.empty() || key.path.empty() || key.path.size() > path_bytes_max) co_return false;
    const auto entry = co_await call.parts.catalog.find(call.repository, key.ref, key.path);
    co_return entry.has_value();
}

}  // namespace

Task<http::Response> get_acl(Call& call) {
    if (call.target.key) {
        const bool found = co_await exists(call);
        if (!found) co_return refuse(call, {Fault::no_such_key});
    }
    const auto& owner = call.credential->user;
    XmlWriter xml("AccessControlPolicy", true);
    xml.open("Owner").element("ID", owner).element("DisplayName", owner).close("Owner");
    xml.open("AccessControlList").open("Grant");
    xml.raw(
        "<Grantee xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" "
        "xsi:type=\"CanonicalUser\">");
    xml.element("ID", owner).element("DisplayName", owner).close("Grantee");
    xml.element("Permission", "FULL_CONTROL").close("Grant").close("AccessControlList");
    co_return respond_xml(call, xml.finish());
}

Task<http::Response> put_acl(Call& call) {
    // The owner's full control is all there is: only what says just that is accepted.
    const auto canned = call.request.find("x-amz-acl").value_or("");
    if (canned != "private" && canned != "bucket-owner-full-control") {
        co_return refuse(call, {Fault::acl_not_supported});
    }
    if (call.target.key) {
        const bool found = co_await exists(call);
        if (!found) co_return refuse(call, {Fault::no_such_key});
    }
    co_return respond(call, 200);
}

}  // namespace tarn::s3
