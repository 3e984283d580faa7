#include "s3/conditions.h"
#include "s3/operations.h"

namespace tarn::s3 {

Task<http::Response> delete_object(Call& call) {
    call.access = Access::write;
    const auto& [ref, path, has_slash] = call.key();
    const auto version = call.params.find("versionId").value_or("null");
    if (version != "null") {
        co_return refuse(call, {Fault::invalid_argument, "Invalid version id specified"});
    }
    // Nothing is there, so nothing is to be removed; the root of a branch is no object.
    if (ref.empty() || (path.empty() && !has_slash)) co_return respond(call, 204);
    if (const auto failure = refuse_path(path)) co_return refuse(call, *failure);
    const auto obstacle = co_await find_write_obstacle(call, ref);
    if (obstacle && obstacle->fault == Fault::no_such_bucket) co_return respond(call, 204);
    if (obstacle) co_return refuse(call, *obstacle);
    if (path.empty()) co_return respond(call, 204);
    const auto conditions = read_conditions(call.request, call.parts.clock.now());
    if (conditions.if_match) {
        const auto broken = co_await remove_entry(call, conditions);
        if (broken && broken->fault != Fault::no_such_key) co_return refuse(call, *broken);
        co_return respond(call, 204);
    }
    co_await call.parts.catalog.remove(call.repository, ref, path, versions::WriteOptions{});
    co_return respond(call, 204);
}

}  // namespace tarn::s3
