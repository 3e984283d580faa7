#include <fmt/format.h>

#include <utility>

#include "api/answers.h"
#include "api/checks.h"
#include "api/conditions.h"
#include "api/house.h"
#include "api/links.h"
#include "api/object_items.h"
#include "api/wire/internal.h"
#include "api/wire/staging.h"

namespace tarn::api {
namespace {

// Where an address that a client gave lies: in the repository's data, signed for this path, or
// elsewhere in a place that the store can read.
Task<catalog::Entry> entry_at(Call& call, refs::Repository repository, std::string branch,
                              std::string path, std::string physical_address, bool signed_address) {
    if (physical_address.empty()) throw invalid("physical_address is required");
    catalog::Entry entry;
    std::tie(entry.address, entry.address_type) =
        call.house.catalog.stored_address(repository, physical_address);
    if (entry.address_type == catalog::AddressType::relative) {
        if (signed_address) {
            check_link(call, repository, branch, path, entry.address);
        }
        co_return entry;
    }
    // Elsewhere in the repository's own namespace there is nothing to be kept from.
    if (physical_address.starts_with(repository.storage_namespace + "/")) co_return entry;
    const block::Properties& store = call.house.blocks().properties();
    std::string_view scheme = store.namespace_pattern;
    if (scheme.starts_with('^')) scheme.remove_prefix(1);
    if (!physical_address.starts_with(scheme)) {
        throw invalid(
            fmt::format("physical address is not valid for block adapter: {}", store.type));
    }
    const block::Address address = call.house.catalog.address_of(repository, entry);
    bool allowed = true;
    try {
        co_await call.house.blocks().stat(address);
    } catch (const Error& error) {
        if (error.code() != Code::invalid_argument && error.code() != Code::permission_denied)
            throw;
        allowed = false;
    }
    if (!allowed) throw exactly(403, "forbidden");
    co_return entry;
}

void require_size(std::int64_t size) {
    if (size < 0) throw invalid("size_bytes: invalid value: validation error");
}

// The checksum without the quotes and spaces around it.
std::string bare_checksum(std::string_view text) {
    while (!text.empty() && (text.front() == '"' || text.front() == ' ')) text.remove_prefix(1);
    while (!text.empty() && (text.back() == '"' || text.back() == ' ')) text.remove_suffix(1);
    if (text.empty()) throw invalid("checksum is required");
    return std::string(text);
}

}  // namespace

Task<http::Response> get_physical_address(Call& call, wire::GetPhysicalAddressParams params) {
    const auto repository = co_await repository_of(call, std::move(params.repository));
    require_path(params.path);
    catalog::Catalog& catalog = call.house.catalog;
    const std::string signed_address =
        catalog.sign_address(repository, params.branch, params.path, catalog.new_address());
    const block::Address address{repository.storage_namespace, signed_address};
    wire::StagingLocation location;
    location.physical_address = call.house.blocks().show(address);
    if (params.presign) {
        const block::Properties& store = call.house.blocks().properties();
        if (!store.presign) {
            throw exactly(
                500, fmt::format("{} adapter presigned URL: operation not supported", store.type));
        }
        const std::string url =
            co_await call.house.blocks().presign(address, true, store.presign_lifetime);
        location.presigned_url = url;
        location.presigned_url_expiry =
            unix_seconds(call.house.stores().clock.now() + store.presign_lifetime);
    }
    co_return json_answer(200, location);
}

Task<http::Response> link_physical_address(Call& call, wire::LinkPhysicalAddressParams params,
                                           wire::StagingMetadata body) {
    const auto repository = co_await repository_of(call, std::move(params.repository));
    require_branch_name(params.branch);
    require_path(params.path);
    const std::string physical_address = body.staging.physical_address.value_or("");
    const std::string checksum = bare_checksum(body.checksum);
    require_size(body.size_bytes);
    if (params.if_none_match && *params.if_none_match != "*") throw exactly(501, "Not Implemented");
    const versions::WriteOptions options{.force = body.force};
    co_await branch_of(call, repository, params.branch);
    co_await versions::require_writable(call.house.stores(), repository, params.branch, options);
    catalog::Entry entry =
        co_await entry_at(call, repository, params.branch, params.path, physical_address, true);
    entry.modified = body.mtime ? from_unix_seconds(*body.mtime) : call.house.stores().clock.now();
    entry.size_bytes = body.size_bytes;
    entry.etag = checksum;
    entry.metadata = body.user_metadata.value_or(catalog::Metadata());
    entry.content_type = content_type_or_default(body.content_type);
    catalog::EntryCondition condition;
    if (params.if_none_match) {
        condition = [](const std::optional<catalog::Entry>& current) { return !current; };
    } else if (params.if_match) {
        condition = [tags = *params.if_match](const std::optional<catalog::Entry>& current) {
            return current && names_etag_strongly(tags, current->etag);
        };
    }
    const bool put = co_await call.house.catalog.put(repository, params.branch, params.path, entry,
                                                     std::move(condition), options);
    if (!put) throw exactly(412, "Precondition failed");
    std::string text;
    append_object(text, params.path, entry, physical_address, ShowMetadata::always);
    co_return json_answer(200, std::move(text));
}

Task<http::Response> stage_object(Call& call, wire::StageObjectParams params,
                                  wire::ObjectStageCreation body) {
    const auto repository = co_await repository_of(call, std::move(params.repository));
    require_branch_name(params.branch);
    require_path(params.path);
    require_size(body.size_bytes);
    const versions::WriteOptions options{.force = body.force};
    co_await branch_of(call, repository, params.branch);
    co_await versions::require_writable(call.house.stores(), repository, params.branch, options);
    catalog::Entry entry = co_await entry_at(call, repository, params.branch, params.path,
                                             body.physical_address, false);
    entry.modified = body.mtime ? from_unix_seconds(*body.mtime) : call.house.stores().clock.now();
    entry.size_bytes = body.size_bytes;
    entry.etag = bare_checksum(body.checksum);
    entry.metadata = body.metadata.value_or(catalog::Metadata());
    entry.content_type = content_type_or_default(body.content_type);
    co_await call.house.catalog.put(repository, params.branch, params.path, entry, {}, options);
    std::string text;
    append_object(text, params.path, entry, shown_address(call.house.catalog, repository, entry),
                  ShowMetadata::never);
    co_return json_answer(201, std::move(text));
}

}  // namespace tarn::api
