#include "s3/operations.h"
#include "s3/tags.h"

namespace tarn::s3 {
namespace {

constexpr std::size_t body_bytes_max = 64 * 1024;

Task<std::optional<catalog::Entry>> find_entry(const Call& call) {
    const auto& key = call.key();
    if (key.ref.empty() || key.path.empty() || key.path.size() > path_bytes_max) {
        co_return std::nullopt;
    }
    co_return co_await call.parts.catalog.find(call.repository, key.ref, key.path);
}

// Gives the object other tags; its bytes, etag and time stay.
Task<http::Response> replace_tags(Call& call, Tags tags, int status) {
    const auto& key = call.key();
    const auto obstacle = co_await find_write_obstacle(call, key.ref);
    if (obstacle) co_return refuse(call, *obstacle);
    const auto entry = co_await find_entry(call);
    if (!entry) co_return refuse(call, {Fault::no_such_key});
    const auto change = [&tags](catalog::Entry& current) { set_tags(current.metadata, tags); };
    co_await call.parts.catalog.update(call.repository, key.ref, key.path, change,
                                       versions::WriteOptions{});
    co_return respond(call, status);
}

}  // namespace

Task<http::Response> get_tagging(Call& call) {
    const auto entry = co_await find_entry(call);
    if (!entry) co_return refuse(call, {Fault::no_such_key});
    co_return respond_xml(call, tag_document(tags_of(entry->metadata)));
}

Task<http::Response> put_tagging(Call& call) {
    call.access = Access::write;
    const std::string body = co_await read_body(call, body_bytes_max);
    auto tags = parse_tag_document(body);
    if (!tags) co_return refuse(call, tags.error());
    co_return co_await replace_tags(call, std::move(*tags), 200);
}

Task<http::Response> delete_tagging(Call& call) {
    call.access = Access::write;
    co_return co_await replace_tags(call, Tags(), 204);
}

}  // namespace tarn::s3
