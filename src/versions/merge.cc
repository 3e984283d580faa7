#include <fmt/format.h>
#include <algorithm>

#include "base/error.h"
#include "versions/history.h"
#include "versions/internal/events.h"
#include "versions/internal/head.h"

namespace tarn::versions {
namespace {

constexpr const char* strategy_key = ".lakefs.merge.strategy";

const char* name_of(committed::Strategy strategy) {
    if (strategy == committed::Strategy::destination_wins) return "dest-wins";
    if (strategy == committed::Strategy::source_wins) return "source-wins";
    return "default";
}

Task<refs::Commit> base_of(Stores& stores, const refs::Repository& repository,
                           const std::string& source, const std::string& destination) {
    auto base = co_await stores.refs.merge_base(repository, source, destination);
    if (!base) {
        throw Error(Code::invalid_argument, "the histories share no commit", "no_merge_base");
    }
    co_return std::move(*base);
}

refs::Commit draft(const MergeRequest& request, const refs::Commit& source,
                   const refs::Commit& head, Time now) {
    refs::Commit commit;
    commit.committer = request.committer;
    commit.message = request.message;
    if (commit.message.empty()) {
        commit.message = fmt::format("Merge '{}' into '{}'", request.source, request.destination);
    }
    commit.created = now;
    commit.metadata = request.metadata;
    commit.metadata[strategy_key] = name_of(request.strategy);
    commit.parents = {head.id};
    if (!request.squash) commit.parents.push_back(source.id);
    commit.generation = std::max(head.generation, source.generation) + 1;
    return commit;
}

}  // namespace

Task<refs::Commit> merge(Stores& stores, refs::Repository repository, MergeRequest request) {
    require_read_write(repository, request.force);
    co_await get_branch(stores, repository, request.destination);
    const refs::Commit source = co_await resolve_commit(stores, repository, request.source);
    const Time now = stores.clock.now();
    const Build build = [&](const refs::Commit& head) -> Task<refs::Commit> {
        const refs::Commit base = co_await base_of(stores, repository, source.id, head.id);
        const bool nothing = source.tree_id == base.tree_id;
        if (nothing && !request.allow_empty && !request.force) no_changes();
        refs::Commit commit = draft(request, source, head, now);
        MergeTrees trees{source.tree_id, head.tree_id, base.tree_id, request.strategy};
        commit.tree_id = co_await merge_trees(stores, repository, std::move(trees));
        commit = co_await stores.refs.add_commit(repository, std::move(commit));
        Event before{Event::Kind::pre_merge, repository, request.destination, source.id, commit};
        co_await announce(stores, std::move(before));
        co_return commit;
    };
    refs::Commit commit = co_await replace_head(stores, repository, request.destination, build);
    Event after{Event::Kind::post_merge, repository, request.destination, commit.id, commit};
    co_await report(stores, std::move(after));
    co_return commit;
}

Task<MergeBase> find_merge_base(Stores& stores, refs::Repository repository, std::string source,
                                std::string destination) {
    refs::Commit from = co_await resolve_commit(stores, repository, source);
    refs::Commit into = co_await resolve_commit(stores, repository, destination);
    refs::Commit base = co_await base_of(stores, repository, from.id, into.id);
    co_return MergeBase{std::move(from.id), std::move(into.id), std::move(base.id)};
}

}  // namespace tarn::versions
