#include "s3/conditions.h"
#include "s3/copy_source.h"
#include "s3/metadata.h"
#include "s3/operations.h"
#include "s3/tags.h"
#include "s3/xml.h"

namespace tarn::s3 {
namespace {

// Metadata and type that the copy is to have instead of the source's.
struct Replacement {
    catalog::Metadata metadata;
    std::string content_type;
};

// The tags that the copy is to have instead of the source's.
std::expected<std::optional<Tags>, Failure> read_tag_directive(const Call& call) {
    const auto directive = call.request.find("x-amz-tagging-directive").value_or("COPY");
    if (directive == "COPY") return std::optional<Tags>();
    if (directive != "REPLACE") {
        return std::unexpected(Failure{Fault::invalid_argument, "Unknown tagging directive."});
    }
    auto tags = parse_tag_field(call.request.find("x-amz-tagging").value_or(""));
    if (!tags) return std::unexpected(tags.error());
    return std::optional(std::move(*tags));
}

std::expected<std::optional<Replacement>, Failure> read_directive(const Call& call) {
    const auto directive = call.request.find("x-amz-metadata-directive").value_or("COPY");
    if (directive == "COPY") return std::optional<Replacement>();
    if (directive != "REPLACE") {
        return std::unexpected(Failure{Fault::invalid_argument, "Unknown metadata directive."});
    }
    auto metadata = read_metadata(call.request);
    if (!metadata) return std::unexpected(metadata.error());
    const auto type = call.request.find("content-type").value_or("");
    return std::optional(Replacement{std::move(*metadata), std::string(type)});
}

http::Response answer(const Call& call, const catalog::Entry& entry) {
    XmlWriter xml("CopyObjectResult", false);
    xml.time("LastModified", entry.modified).etag("ETag", entry.etag);
    return respond_xml(call, xml.finish());
}

void replace(catalog::Entry& entry, const Replacement& replacement, Time now) {
    const auto tags = tags_of(entry.metadata);
    entry.metadata = replacement.metadata;
    set_tags(entry.metadata, tags);
    if (!replacement.content_type.empty()) entry.content_type = replacement.content_type;
    entry.modified = now;
}

// The bytes stay where they are; only what is known of them changes.
Task<http::Response> change_in_place(Call& call, std::optional<Replacement> replacement,
                                     std::optional<Tags> tags, Conditions conditions) {
    const auto now = call.parts.clock.now();
    const auto broken = co_await judge_current(call, conditions);
    if (broken) co_return refuse(call, *broken);
    const auto change = [&replacement, &tags, now](catalog::Entry& entry) {
        if (replacement) replace(entry, *replacement, now);
        if (tags) set_tags(entry.metadata, *tags);
    };
    const auto entry = co_await call.parts.catalog.update(
        call.repository, call.key().ref, call.key().path, change, versions::WriteOptions{});
    co_return answer(call, entry);
}

}  // namespace

Task<http::Response> copy_object(Call& call) {
    call.access = Access::write;
    const auto& key = call.key();
    if (key.ref.empty() || key.path.empty()) {
        co_return refuse(call, {Fault::invalid_argument, "A key is a branch, a slash and a path."});
    }
    if (const auto failure = refuse_path(key.path)) co_return refuse(call, *failure);
    if (const auto failure = refuse_promises(call.request)) co_return refuse(call, *failure);
    auto replacement = read_directive(call);
    if (!replacement) co_return refuse(call, replacement.error());
    auto tags = read_tag_directive(call);
    if (!tags) co_return refuse(call, tags.error());
    const auto obstacle = co_await find_write_obstacle(call, key.ref);
    if (obstacle) co_return refuse(call, *obstacle);
    auto source = co_await find_copy_source(call);
    if (!source) co_return refuse(call, source.error());
    const auto conditions = read_conditions(call.request, call.parts.clock.now());

    const bool is_itself = source->repository.id == call.repository.id &&
                           source->key.ref == key.ref && source->key.path == key.path;
    if (is_itself && !*replacement && !*tags) {
        co_return refuse(call, {Fault::invalid_request,
                                "This copy request is illegal because it is trying to copy an "
                                "object to itself without changing the object's metadata, storage "
                                "class, website redirect location or encryption attributes."});
    }
    if (is_itself) {
        co_return co_await change_in_place(call, std::move(*replacement), std::move(*tags),
                                           conditions);
    }
    const auto broken = co_await judge_current(call, conditions);
    if (broken) co_return refuse(call, *broken);

    catalog::Entry entry = source->entry;
    entry.address = call.parts.catalog.new_address();
    entry.address_type = catalog::AddressType::relative;
    entry.modified = call.parts.clock.now();
    if (*replacement) replace(entry, **replacement, entry.modified);
    if (*tags) set_tags(entry.metadata, **tags);
    auto from = call.parts.catalog.address_of(source->repository, source->entry);
    auto to = call.parts.catalog.address_of(call.repository, entry);
    try {
        co_await call.parts.blocks().copy(std::move(from), std::move(to));
    } catch (const Error& error) {
        throw_missing_bytes(error);
    }
    const auto failure = co_await put_entry(call, entry, conditions);
    if (failure) co_return refuse(call, *failure);
    co_return answer(call, entry);
}

}  // namespace tarn::s3
