#include <fmt/format.h>

#include <utility>

#include "api/answers.h"
#include "api/checks.h"
#include "api/house.h"
#include "api/pagination.h"
#include "api/sample.h"
#include "api/wire/internal.h"
#include "api/wire/repositories.h"
#include "refs/names.h"

namespace tarn::api {
namespace {

// Marks a storage namespace as taken, and shows that it can be written and read.
constexpr std::string_view marker_key = "_lakefs/dummy";
constexpr std::string_view marker_text =
    "this is dummy data - created by lakeFS to check accessibility";

wire::Repository to_wire(const refs::Repository& repository) {
    wire::Repository out;
    out.id = repository.id;
    out.creation_date = unix_seconds(repository.created);
    out.default_branch = repository.default_branch;
    out.storage_id = repository.storage_id;
    out.storage_namespace = repository.storage_namespace;
    out.read_only = repository.read_only;
    return out;
}

Task<void> claim_namespace(Call& call, std::string storage_namespace) {
    block::Store& blocks = call.house.blocks();
    const block::Address marker{storage_namespace, std::string(marker_key)};
    const auto existing = co_await blocks.stat(marker);
    if (existing) {
        throw invalid(
            fmt::format("failed to create repository: found lakeFS objects in the storage "
                        "(:{}) key({}): storage namespace already in use",
                        storage_namespace, marker_key));
    }
    bool reachable = false;
    try {
        auto body = source_of(std::string(marker_text));
        co_await blocks.put(marker, *body, false);
        const auto written = co_await blocks.stat(marker);
        reachable = written && written->size_bytes == marker_text.size();
    } catch (const Error&) {
        reachable = false;
    }
    if (!reachable) throw invalid("failed to create repository: failed to access storage");
}

void check_creation(const wire::RepositoryCreation& body, const block::Properties& store,
                    const std::string& default_branch) {
    if (body.storage_id && !body.storage_id->empty()) {
        throw invalid("storage id: invalid value: validation error");
    }
    std::string_view scheme = store.namespace_pattern;
    if (scheme.starts_with('^')) scheme.remove_prefix(1);
    if (!body.storage_namespace.starts_with(scheme)) {
        throw invalid(fmt::format("failed to match required regex {}: invalid namespace",
                                  store.namespace_pattern));
    }
    require_branch_name(default_branch, "default_branch");
}

}  // namespace

Task<http::Response> list_repositories(Call& call, wire::ListRepositoriesParams params) {
    auto page = co_await call.house.refs().list_repositories(
        params.prefix.value_or(""), params.after.value_or(""), page_size(params.amount),
        params.search.value_or(""));
    wire::RepositoryList list;
    for (const auto& repository : page.items) list.results.push_back(to_wire(repository));
    list.pagination = pagination(list.results, page.more);
    co_return json_answer(200, list);
}

Task<http::Response> create_repository(Call& call, wire::CreateRepositoryParams params,
                                       wire::RepositoryCreation body) {
    const auto existing = co_await call.house.refs().find_repository(body.name);
    if (existing) throw exactly(409, "error creating repository: not unique");
    std::string branch = body.default_branch.value_or("");
    if (branch.empty()) branch = "main";
    check_creation(body, call.house.blocks().properties(), branch);
    if (!params.bare && !body.read_only) co_await claim_namespace(call, body.storage_namespace);
    refs::Repository wanted;
    wanted.id = body.name;
    wanted.storage_namespace = body.storage_namespace;
    wanted.default_branch = std::move(branch);
    wanted.read_only = body.read_only;
    std::optional<refs::Repository> made;
    try {
        made = co_await call.house.refs().create_repository(std::move(wanted), params.bare);
    } catch (const Error& error) {
        if (error.code() != Code::already_exists) throw;
    }
    if (!made) throw exactly(409, "error creating repository: not unique");
    if (body.sample_data && !params.bare) co_await add_sample_data(call, *made);
    wire::Repository answer = to_wire(*made);
    if (params.bare) answer.read_only.reset();
    co_return json_answer(201, answer);
}

Task<http::Response> get_repository(Call& call, wire::GetRepositoryParams params) {
    const auto repository = co_await repository_of(call, std::move(params.repository));
    co_return json_answer(200, to_wire(repository));
}

Task<http::Response> delete_repository(Call& call, wire::DeleteRepositoryParams params) {
    if (!refs::is_repository_name(params.repository)) {
        throw invalid("argument repository: repository id: invalid value: validation error");
    }
    const auto repository = co_await call.house.refs().refresh_repository(params.repository);
    if (!repository) throw not_found("repository not found");
    require_writable(*repository, params.force);
    co_await call.house.refs().delete_repository(params.repository);
    co_return empty_answer();
}

Task<http::Response> get_repository_metadata(Call& call, wire::GetRepositoryMetadataParams params) {
    auto repository = co_await repository_of(call, std::move(params.repository));
    const auto metadata = co_await call.house.refs().get_repository_metadata(std::move(repository));
    std::string text;
    wire::append(text, metadata);
    co_return json_answer(200, std::move(text));
}

Task<http::Response> set_repository_metadata(Call& call, wire::SetRepositoryMetadataParams params,
                                             wire::RepositoryMetadataSet body) {
    auto repository = co_await repository_of(call, std::move(params.repository));
    std::function<void(refs::Metadata&)> change = [&body](refs::Metadata& metadata) {
        for (const auto& [key, value] : body.metadata) metadata[key] = value;
    };
    if (!body.metadata.empty()) {
        co_await call.house.refs().update_repository_metadata(std::move(repository), change);
    }
    co_return empty_answer();
}

Task<http::Response> delete_repository_metadata(Call& call,
                                                wire::DeleteRepositoryMetadataParams params,
                                                wire::RepositoryMetadataKeys body) {
    auto repository = co_await repository_of(call, std::move(params.repository));
    std::function<void(refs::Metadata&)> change = [&body](refs::Metadata& metadata) {
        for (const auto& key : body.keys) metadata.erase(key);
    };
    co_await call.house.refs().update_repository_metadata(std::move(repository), change);
    co_return empty_answer();
}

}  // namespace tarn::api
