#include "catalog/imports.h"

#include <fmt/format.h>

#include <utility>

#include "api/answers.h"
#include "api/checks.h"
#include "api/commit_items.h"
#include "api/house.h"
#include "api/tasks.h"
#include "api/wire/import.h"

namespace tarn::api {
namespace {

std::string with_slash(std::string text) {
    if (!text.ends_with('/')) text += '/';
    return text;
}

// How URIs inside of the repository begin: as it was created, and as the store shows them.
std::vector<std::string> homes_of(Call& call, const refs::Repository& repository) {
    std::string shown = call.house.blocks().show({repository.storage_namespace, "x"});
    shown.pop_back();
    return {with_slash(repository.storage_namespace), std::move(shown)};
}

void check_source(const catalog::ImportPath& path, const refs::Repository& repository,
                  const std::vector<std::string>& homes, const block::Properties& store) {
    const bool is_prefix = path.kind == catalog::ImportPath::Kind::prefix;
    for (const std::string& home : homes) {
        if (path.uri.starts_with(home) || path.uri + "/" == home) {
            throw invalid(
                fmt::format("import path ({}) in repository namespace ({}) is prohibited: invalid "
                            "import source",
                            path.uri, repository.storage_namespace));
        }
        if (is_prefix && home.starts_with(path.uri)) {
            throw invalid(fmt::format(
                "prefix ({}) contains repository namespace: ({}), invalid import source", path.uri,
                repository.storage_namespace));
        }
    }
    std::string_view scheme = store.namespace_pattern;
    if (scheme.starts_with('^')) scheme.remove_prefix(1);
    if (!path.uri.starts_with(scheme)) {
        throw invalid(
            fmt::format("import path ({}) is not valid for block adapter: {}: invalid "
                        "import source",
                        path.uri, store.type));
    }
}

catalog::ImportOrder order_of(Call& call, const refs::Repository& repository, std::string branch,
                              wire::ImportCreation body) {
    catalog::ImportOrder order;
    order.branch = std::move(branch);
    order.committer = call.caller->committer;
    order.message = std::move(body.commit.message);
    order.metadata = std::move(body.commit.metadata).value_or(refs::Metadata());
    order.force = body.force;
    const auto homes = homes_of(call, repository);
    for (wire::ImportLocation& location : body.paths) {
        catalog::ImportPath& path = order.paths.emplace_back();
        if (location.type == "object") path.kind = catalog::ImportPath::Kind::object;
        path.uri = std::move(location.path);
        path.destination = std::move(location.destination);
        check_source(path, repository, homes, call.house.blocks().properties());
    }
    return order;
}

}  // namespace

Task<http::Response> import_start(Call& call, wire::ImportStartParams params,
                                  wire::ImportCreation body) {
    auto repository = co_await repository_of(call, std::move(params.repository));
    require_branch_name(params.branch);
    if (!call.house.blocks().properties().import) {
        throw exactly(403, "import is not supported for this storage");
    }
    co_await branch_of(call, repository, params.branch);
    catalog::ImportOrder order =
        order_of(call, repository, std::move(params.branch), std::move(body));
    wire::ImportCreationResponse answer;
    answer.id = co_await call.house.catalog.imports().start(std::move(repository), std::move(order),
                                                            describe_failure);
    co_return json_answer(202, answer);
}

Task<http::Response> import_status(Call& call, wire::ImportStatusParams params) {
    auto repository = co_await repository_of(call, std::move(params.repository));
    const auto status =
        co_await call.house.catalog.imports().find(std::move(repository), std::move(params.id));
    if (!status) throw not_found("not found");
    wire::ImportStatus answer;
    answer.completed = status->completed;
    answer.update_time = format_rfc3339(status->updated);
    answer.ingested_objects = status->progress;
    if (!status->tree_id.empty()) answer.metarange_id = status->tree_id;
    if (status->commit) answer.commit = to_wire(*status->commit);
    if (!status->error.empty()) answer.error = wire::Error{"import error: " + status->error};
    co_return json_answer(200, answer);
}

Task<http::Response> import_cancel(Call& call, wire::ImportCancelParams params) {
    auto repository = co_await repository_of(call, std::move(params.repository));
    bool known = false;
    bool completed = false;
    try {
        known = co_await call.house.catalog.imports().cancel(std::move(repository),
                                                             std::move(params.id));
    } catch (const Error& error) {
        completed = error.detail() == "import_completed";
        if (!completed) throw;
    }
    if (completed) throw exactly(409, "conflict found");
    if (!known) throw not_found("not found");
    co_return empty_answer();
}

}  // namespace tarn::api
