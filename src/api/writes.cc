#include <fmt/format.h>

#include <utility>

#include "api/answers.h"
#include "api/checks.h"
#include "api/conditions.h"
#include "api/form.h"
#include "api/house.h"
#include "api/object_items.h"
#include "api/upload.h"
#include "api/wire/internal.h"
#include "api/wire/objects.h"
#include "base/bytes.h"

namespace tarn::api {
namespace {

// User metadata from the request's fields: X-Lakefs-Meta-K, and X-Lakefs-Internal-K under
// "::lakefs::k".
catalog::Metadata metadata_of(const http::Request& request) {
    constexpr std::string_view user_prefix = "x-lakefs-meta-";
    constexpr std::string_view internal_prefix = "x-lakefs-internal-";
    catalog::Metadata out;
    for (const auto& [name, value] : request.fields()) {
        if (name.size() <= user_prefix.size()) continue;
        const std::string lower = to_lower(name);
        if (lower.starts_with(user_prefix)) {
            out.emplace(lower.substr(user_prefix.size()), trim(value));
        } else if (lower.starts_with(internal_prefix) && lower.size() > internal_prefix.size()) {
            out.emplace("::lakefs::" + lower.substr(internal_prefix.size()), trim(value));
        }
    }
    return out;
}

http::Response object_made(Call& call, const refs::Repository& repository, std::string_view path,
                           const catalog::Entry& entry, ShowMetadata show) {
    std::string text;
    append_object(text, path, entry, shown_address(call.house.catalog, repository, entry), show);
    return json_answer(201, std::move(text));
}

// Stores the body of an upload: raw, or the part "content" of a form.
Task<catalog::Entry> store_upload(Call& call, refs::Repository repository) {
    const std::string given(call.request.find("Content-Type").value_or(""));
    const MediaType media = read_media_type(given);
    if (!given.empty() && media.name.empty()) throw invalid("mime: no media type");
    if (media.name != "multipart/form-data") {
        catalog::Entry entry =
            co_await store_body(call, std::move(repository), call.request.body());
        entry.content_type = given.empty() ? "application/octet-stream" : given;
        co_return entry;
    }
    if (!media.boundary) throw invalid("no multipart boundary param in Content-Type");
    FormPart part(call.request.body(), *media.boundary);
    const bool found = co_await part.find("content");
    if (!found) throw invalid("multipart upload missing key 'content': http: no such file");
    catalog::Entry entry = co_await store_body(call, std::move(repository), part);
    entry.content_type =
        part.content_type().empty() ? "application/octet-stream" : part.content_type();
    while (true) {
        const Slice rest = co_await call.request.body().next();
        if (rest.empty()) break;
    }
    co_return entry;
}

// What the preconditions of an upload demand; 412 or 501 where they already fail.
catalog::EntryCondition condition_of(const std::optional<std::string>& none_match,
                                     const std::optional<std::string>& match) {
    if (none_match && (*none_match != "*" || match)) throw exactly(501, "Not Implemented");
    if (none_match) return [](const std::optional<catalog::Entry>& current) { return !current; };
    if (!match) return {};
    return [tags = *match](const std::optional<catalog::Entry>& current) {
        return current && names_etag_strongly(tags, current->etag);
    };
}

}  // namespace

Task<http::Response> upload_object(Call& call, wire::UploadObjectParams params) {
    const auto repository = co_await repository_of(call, std::move(params.repository));
    require_branch_name(params.branch, "name");
    require_path(params.path);
    co_await branch_of(call, repository, params.branch,
                       fmt::format("branch '{}' not found", params.branch));
    if (params.if_none_match == "*") {
        const auto existing =
            co_await call.house.catalog.find(repository, params.branch, params.path);
        if (existing) throw exactly(412, "path already exists");
    }
    catalog::EntryCondition condition = condition_of(params.if_none_match, params.if_match);
    const versions::WriteOptions options{.force = params.force};
    co_await versions::require_writable(call.house.stores(), repository, params.branch, options);
    catalog::Entry entry = co_await store_upload(call, repository);
    entry.metadata = metadata_of(call.request);
    const bool put = co_await call.house.catalog.put(repository, params.branch, params.path, entry,
                                                     std::move(condition), options);
    if (!put) throw exactly(412, params.if_match ? "Precondition failed" : "path already exists");
    co_return object_made(call, repository, params.path, entry, ShowMetadata::always);
}

Task<http::Response> delete_object(Call& call, wire::DeleteObjectParams params) {
    const auto repository = co_await repository_of(call, std::move(params.repository));
    require_branch_name(params.branch);
    require_path(params.path);
    co_await call.house.catalog.remove(repository, std::move(params.branch), std::move(params.path),
                                       versions::WriteOptions{.force = params.force});
    co_return empty_answer();
}

Task<http::Response> delete_objects(Call& call, wire::DeleteObjectsParams params,
                                    wire::PathList body) {
    if (body.paths.size() > 1000) {
        throw exactly(400, "request size exceeded, max paths is set to 1000");
    }
    std::vector<std::string> paths;
    std::optional<Failure> failure;
    try {
        for (std::size_t at = 0; at < body.paths.size(); ++at) {
            if (body.paths[at].empty()) continue;
            require_path(body.paths[at], fmt::format("path[{}]", at));
            paths.push_back(body.paths[at]);
        }
        require_branch_name(params.branch);
        const auto repository = co_await repository_of(call, std::move(params.repository));
        if (!paths.empty()) {
            co_await call.house.catalog.remove_many(repository, std::move(params.branch), paths,
                                                    versions::WriteOptions{.force = params.force});
        }
    } catch (const Error& error) {
        failure = failure_of(error, call.failures);
    }
    wire::ObjectErrorList list;
    if (failure && failure->status != 404) {
        for (const auto& path : body.paths) {
            wire::ObjectError& entry = list.errors.emplace_back();
            entry.status_code = failure->status == 403 ? 403 : 500;
            entry.message = failure->message;
            entry.path = path;
        }
    }
    co_return json_answer(200, list);
}

Task<http::Response> copy_object(Call& call, wire::CopyObjectParams params,
                                 wire::ObjectCopyCreation body) {
    const auto repository = co_await repository_of(call, std::move(params.repository));
    require_branch_name(params.branch);
    require_path(params.dest_path);
    co_await branch_of(call, repository, params.branch,
                       fmt::format("branch '{}' not found", params.branch));
    require_path(body.src_path);
    std::string ref = body.src_ref.value_or("");
    if (ref.empty()) ref = params.branch;
    co_await resolve(call, repository, ref, "");
    auto source = co_await call.house.catalog.find(repository, ref, body.src_path);
    if (!source) throw not_found("not found");
    const versions::WriteOptions options{.force = body.force};
    co_await versions::require_writable(call.house.stores(), repository, params.branch, options);
    if (body.shallow) {
        source->modified = call.house.stores().clock.now();
        co_await call.house.catalog.put(repository, params.branch, params.dest_path, *source, {},
                                        options);
        co_return object_made(call, repository, params.dest_path, *source, ShowMetadata::always);
    }
    catalog::Catalog::CopyRequest request;
    request.from_repository = repository;
    request.from_ref = std::move(ref);
    request.from_path = std::move(body.src_path);
    request.repository = repository;
    request.branch = params.branch;
    request.path = params.dest_path;
    request.options = options;
    const catalog::Entry entry = co_await call.house.catalog.copy(std::move(request));
    co_return object_made(call, repository, params.dest_path, entry, ShowMetadata::always);
}

Task<http::Response> update_object_user_metadata(Call& call,
                                                 wire::UpdateObjectUserMetadataParams params,
                                                 wire::UpdateObjectUserMetadata body) {
    const auto repository = co_await repository_of(call, std::move(params.repository));
    require_branch_name(params.branch);
    require_path(params.path);
    co_await branch_of(call, repository, params.branch);
    std::function<void(catalog::Entry&)> change = [&body](catalog::Entry& entry) {
        entry.metadata = body.set;
    };
    bool missing = false;
    try {
        co_await call.house.catalog.update(repository, params.branch, params.path, change,
                                           versions::WriteOptions());
    } catch (const Error& error) {
        missing = error.detail() == "no_such_object";
        if (!missing) throw;
    }
    if (missing) {
        throw not_found(fmt::format("update user metadata on {}/{}/{}: not found", repository.id,
                                    params.branch, params.path));
    }
    co_return empty_answer();
}

Task<http::Response> upload_object_preflight(Call&, wire::UploadObjectPreflightParams) {
    co_return empty_answer();
}

}  // namespace tarn::api
