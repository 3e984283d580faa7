#include "s3/conditions.h"
#include "s3/metadata.h"
#include "s3/operations.h"

namespace tarn::s3 {
namespace {

// A client may make "main/", which is there already.
Task<http::Response> put_root(Call& call) {
    if (call.key().ref.empty() || !call.key().has_slash) {
        co_return refuse(call, {Fault::invalid_argument, "A key is a branch, a slash and a path."});
    }
    auto obstacle = co_await find_write_obstacle(call, call.key().ref);
    if (obstacle) co_return refuse(call, *obstacle);
    const std::string body = co_await read_body(call, 1);
    if (!body.empty()) {
        co_return refuse(call, {Fault::invalid_argument, "The root of a branch has no content."});
    }
    auto response = respond(call, 200);
    response.fields.add("ETag", "\"d41d8cd98f00b204e9800998ecf8427e\"");
    co_return response;
}

std::optional<Failure> refuse_size(const Call& call) {
    const auto length = call.request.find("content-length");
    if (!length && !call.request.find("transfer-encoding")) {
        return Failure{Fault::missing_content_length};
    }
    return std::nullopt;
}

}  // namespace

Task<http::Response> put_object(Call& call) {
    call.access = Access::write;
    const auto& key = call.key();
    if (key.path.empty()) co_return co_await put_root(call);
    if (key.ref.empty()) {
        co_return refuse(call, {Fault::invalid_argument, "The key names no branch."});
    }
    if (const auto failure = refuse_path(key.path)) co_return refuse(call, *failure);
    if (const auto failure = refuse_promises(call.request)) co_return refuse(call, *failure);
    if (const auto failure = refuse_size(call)) co_return refuse(call, *failure);
    auto metadata = read_metadata(call.request);
    if (!metadata) co_return refuse(call, metadata.error());
    auto rules = body_rules(call);
    const auto conditions = read_conditions(call.request, call.parts.clock.now());
    const auto obstacle = co_await find_write_obstacle(call, key.ref);
    if (obstacle) co_return refuse(call, *obstacle);
    const auto early = co_await judge_current(call, conditions);
    if (early) co_return refuse(call, *early);

    signature::VerifiedBody body(call.request.body(), std::move(rules), call.parts.workers);
    if (body.size().value_or(0) > call.parts.options.object_bytes_max) {
        co_return refuse(call, {Fault::entity_too_large});
    }
    const auto uploaded = co_await call.parts.catalog.upload(call.repository, body);
    catalog::Entry entry;
    entry.address = uploaded.address;
    entry.modified = uploaded.stat.modified;
    entry.size_bytes = static_cast<std::int64_t>(body.bytes());
    entry.etag = body.md5_hex();
    entry.metadata = std::move(*metadata);
    entry.content_type = call.request.find("content-type").value_or("");
    const auto failure = co_await put_entry(call, std::move(entry), conditions);
    if (failure) co_return refuse(call, *failure);
    auto response = respond(call, 200);
    response.fields.add("ETag", "\"" + body.md5_hex() + "\"");
    if (body.checksum()) {
        response.fields.add(signature::header_of(*body.checksum_kind()), *body.checksum());
    }
    co_return response;
}

}  // namespace tarn::s3
