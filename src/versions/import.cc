#include <utility>

#include "versions/history.h"
#include "versions/internal/events.h"
#include "versions/internal/head.h"

namespace tarn::versions {
namespace {

constexpr const char* strategy_key = ".lakefs.merge.strategy";
constexpr const char* last_import_key = ".lakefs.last.import.timestamp";

refs::Commit draft(const ImportRequest& request, Time now) {
    refs::Commit commit;
    commit.committer = request.committer;
    commit.message = request.message.empty() ? "Import objects" : request.message;
    commit.created = now;
    commit.metadata = request.metadata;
    commit.metadata[strategy_key] = "source-wins";
    return commit;
}

}  // namespace

Task<refs::Commit> import_tree(Stores& stores, refs::Repository repository, ImportRequest request) {
    require_read_write(repository, request.force);
    co_await get_branch(stores, repository, request.branch);
    const refs::Commit drafted = draft(request, stores.clock.now());
    const Build build = [&](const refs::Commit& head) -> Task<refs::Commit> {
        refs::Commit commit = drafted;
        commit.parents = {head.id};
        commit.generation = head.generation + 1;
        committed::Tree source{repository.storage_namespace, request.tree_id};
        committed::Tree destination{repository.storage_namespace, head.tree_id};
        committed::Merged merged = co_await stores.trees.replace(
            std::move(source), std::move(destination), request.prefixes);
        commit.tree_id = std::move(merged.tree_id);
        Event before{Event::Kind::pre_commit, repository, request.branch, request.branch, commit};
        co_await announce(stores, std::move(before));
        co_return co_await stores.refs.add_commit(repository, std::move(commit));
    };
    refs::Commit commit = co_await replace_head(stores, repository, request.branch, build);
    std::function<void(refs::Metadata&)> note = [&commit](refs::Metadata& metadata) {
        metadata[last_import_key] = std::to_string(unix_seconds(commit.created));
    };
    co_await stores.refs.update_repository_metadata(repository, std::move(note));
    Event after{Event::Kind::post_commit, repository, request.branch, commit.id, commit};
    co_await report(stores, std::move(after));
    co_return commit;
}

}  // namespace tarn::versions
