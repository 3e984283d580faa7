#include <fmt/format.h>

#include <utility>

#include "api/answers.h"
#include "api/checks.h"
#include "api/house.h"
#include "api/wire/internal.h"
#include "api/wire/metadata.h"
#include "refs/names.h"

namespace tarn::api {
namespace {

// Where the file of a range or metarange lies; whether it exists is not asked.
Task<http::Response> location_of(Call& call, std::string repository_name, std::string id) {
    co_await repository_of(call, std::move(repository_name));
    wire::StorageURI answer;
    answer.location = call.house.stores().trees.address_of(id);
    http::Response response = json_answer(200, answer);
    response.fields.add("Location", answer.location);
    co_return response;
}

}  // namespace

Task<http::Response> get_meta_range(Call& call, wire::GetMetaRangeParams params) {
    co_return co_await location_of(call, std::move(params.repository),
                                   std::move(params.meta_range));
}

Task<http::Response> get_range(Call& call, wire::GetRangeParams params) {
    co_return co_await location_of(call, std::move(params.repository), std::move(params.range));
}

Task<http::Response> get_metadata_object(Call& call, wire::GetMetadataObjectParams params) {
    const auto repository = co_await repository_of(call, std::move(params.repository));
    const block::Properties& store = call.house.blocks().properties();
    const block::Address address{repository.storage_namespace,
                                 call.house.stores().trees.address_of(params.object_id)};
    if (params.presign) {
        if (!store.presign) {
            throw invalid(
                fmt::format("{} adapter presigned URL: operation not supported", store.type));
        }
        const std::string url =
            co_await call.house.blocks().presign(address, false, store.presign_lifetime);
        http::Response elsewhere = empty_answer(302);
        elsewhere.fields.add("Location", url);
        co_return elsewhere;
    }
    // Ids are digests; anything else would name other files of the namespace.
    if (!refs::is_commit_id(params.object_id)) throw exactly(410, "No data");
    auto opened = co_await call.house.blocks().open(address, std::nullopt);
    if (!opened) throw exactly(410, "No data");
    http::Response response;
    response.fields.add("Content-Type", "application/octet-stream");
    response.body = std::move(opened->body);
    co_return response;
}

}  // namespace tarn::api
