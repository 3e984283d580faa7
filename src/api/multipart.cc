#include <fmt/format.h>

#include <utility>

#include "api/answers.h"
#include "api/checks.h"
#include "api/conditions.h"
#include "api/house.h"
#include "api/links.h"
#include "api/object_items.h"
#include "api/wire/experimental.h"

namespace tarn::api {
namespace {

constexpr std::int64_t parts_max = 10'000;

void require_multipart(Call& call) {
    if (call.house.blocks().properties().presign_multipart) return;
    throw exactly(501, "presign multipart upload API is not supported");
}

// Where the parts of an upload go.
block::Address place_of(const refs::Repository& repository, std::string address) {
    return {repository.storage_namespace, std::move(address)};
}

std::vector<block::Part> parts_of(const std::vector<wire::UploadPart>& given) {
    std::vector<block::Part> parts;
    for (const wire::UploadPart& part : given) {
        if (part.part_number < 1 || part.part_number > parts_max) {
            throw invalid(
                fmt::format("part_number {}: invalid value: validation error", part.part_number));
        }
        block::Part& out = parts.emplace_back();
        out.number = static_cast<int>(part.part_number);
        out.etag = part.etag;
        std::erase(out.etag, '"');
    }
    return parts;
}

// The stretch of an object that a copy names; nothing for all of it.
std::optional<block::Range> stretch_of(const std::optional<std::string>& field,
                                       const catalog::Entry& entry) {
    if (!field || field->empty()) return std::nullopt;
    const RangeVerdict verdict = read_range(*field, static_cast<std::uint64_t>(entry.size_bytes));
    if (verdict.kind == RangeVerdict::Kind::part) return verdict.range;
    if (verdict.kind == RangeVerdict::Kind::whole) return std::nullopt;
    throw exactly(416, "Requested Range Not Satisfiable");
}

}  // namespace

Task<http::Response> create_presign_multipart_upload(
    Call& call, wire::CreatePresignMultipartUploadParams params) {
    require_multipart(call);
    const auto repository = co_await repository_of(call, std::move(params.repository));
    require_branch_name(params.branch);
    require_path(params.path);
    const std::int64_t parts = params.parts.value_or(0);
    if (parts < 0 || parts > parts_max) throw invalid("parts can be between 0 and 10000");
    co_await branch_of(call, repository, params.branch,
                       fmt::format("branch '{}' not found", params.branch));
    catalog::Catalog& catalog = call.house.catalog;
    const block::Address place = place_of(
        repository,
        catalog.sign_address(repository, params.branch, params.path, catalog.new_address()));
    wire::PresignMultipartUpload answer;
    answer.upload_id = co_await call.house.blocks().begin_upload(place);
    answer.physical_address = call.house.blocks().show(place);
    if (parts > 0) answer.presigned_urls.emplace();
    const auto lifetime = call.house.blocks().properties().presign_lifetime;
    for (int number = 1; number <= parts; ++number) {
        std::string url =
            co_await call.house.blocks().presign_part(place, answer.upload_id, number, lifetime);
        answer.presigned_urls->push_back(std::move(url));
    }
    co_return json_answer(201, answer);
}

Task<http::Response> complete_presign_multipart_upload(
    Call& call, wire::CompletePresignMultipartUploadParams params,
    wire::CompletePresignMultipartUpload body) {
    require_multipart(call);
    const auto repository = co_await repository_of(call, std::move(params.repository));
    require_branch_name(params.branch);
    require_path(params.path);
    if (body.physical_address.empty()) throw invalid("physical_address is required");
    if (body.parts.empty()) throw invalid("parts are required");
    const versions::WriteOptions options;
    co_await branch_of(call, repository, params.branch);
    co_await versions::require_writable(call.house.stores(), repository, params.branch, options);
    catalog::Entry entry;
    entry.address = link_of(call, repository, params.branch, params.path, body.physical_address);
    const block::Completed completed = co_await call.house.blocks().complete_upload(
        place_of(repository, entry.address), std::move(params.upload_id), parts_of(body.parts));
    entry.modified = call.house.stores().clock.now();
    entry.size_bytes = static_cast<std::int64_t>(completed.stat.size_bytes);
    entry.etag = completed.etag;
    entry.metadata = std::move(body.user_metadata).value_or(catalog::Metadata());
    entry.content_type = content_type_or_default(body.content_type);
    co_await call.house.catalog.put(repository, params.branch, params.path, entry, {}, options);
    std::string text;
    append_object(text, params.path, entry, shown_address(call.house.catalog, repository, entry),
                  ShowMetadata::always);
    co_return json_answer(200, std::move(text));
}

Task<http::Response> abort_presign_multipart_upload(Call& call,
                                                    wire::AbortPresignMultipartUploadParams params,
                                                    wire::AbortPresignMultipartUpload body) {
    require_multipart(call);
    const auto repository = co_await repository_of(call, std::move(params.repository));
    require_branch_name(params.branch);
    require_path(params.path);
    std::string address =
        link_of(call, repository, params.branch, params.path, body.physical_address);
    co_await call.house.blocks().abort_upload(place_of(repository, std::move(address)),
                                              std::move(params.upload_id));
    co_return empty_answer();
}

Task<http::Response> upload_part(Call& call, wire::UploadPartParams params,
                                 wire::UploadPartFrom body) {
    const auto repository = co_await repository_of(call, std::move(params.repository));
    std::string address =
        link_of(call, repository, params.branch, params.path, body.physical_address);
    const block::Properties& store = call.house.blocks().properties();
    if (!store.presign_multipart) throw invalid("operation not supported");
    wire::UploadTo answer;
    answer.presigned_url = co_await call.house.blocks().presign_part(
        place_of(repository, std::move(address)), std::move(params.upload_id),
        static_cast<int>(params.part_number), store.presign_lifetime);
    co_return json_answer(200, answer);
}

Task<http::Response> upload_part_copy(Call& call, wire::UploadPartCopyParams params,
                                      wire::UploadPartCopyFrom body) {
    const auto repository = co_await repository_of(call, std::move(params.repository));
    std::string address =
        link_of(call, repository, params.branch, params.path, body.physical_address);
    const auto& source = body.copy_source;
    const auto from = co_await repository_of(call, source.repository);
    const auto entry = co_await call.house.catalog.find(from, source.ref, source.path);
    if (!entry) {
        throw not_found(
            fmt::format("{}/{}/{}: not found", source.repository, source.ref, source.path));
    }
    if (!call.house.blocks().properties().presign_multipart) {
        throw invalid("operation not supported");
    }
    const std::optional<block::Range> stretch = stretch_of(source.range, *entry);
    const block::Part part = co_await call.house.blocks().copy_part(
        place_of(repository, std::move(address)), std::move(params.upload_id),
        static_cast<int>(params.part_number), call.house.catalog.address_of(from, *entry), stretch);
    http::Response response = empty_answer();
    response.fields.add("ETag", part.etag);
    co_return response;
}

}  // namespace tarn::api
