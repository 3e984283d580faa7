#include <fmt/format.h>

#include "versions/history.h"
#include "versions/internal/events.h"
#include "versions/internal/head.h"

namespace tarn::versions {
namespace {

constexpr const char* origin_key = "cherry-pick-origin";
constexpr const char* committer_key = "cherry-pick-committer";

Task<std::string> parent_tree(Stores& stores, const refs::Repository& repository,
                              const refs::Commit& picked, std::optional<int> parent) {
    const auto count = static_cast<int>(picked.parents.size());
    if (count > 1 && !parent) {
        bad_parent(Code::invalid_argument,
                   "must specify 1-based parent number for cherry-picking merge commit");
    }
    const int chosen = parent.value_or(1);
    if (chosen < 1 || chosen > count) {
        bad_parent(Code::invalid_argument,
                   fmt::format("the commit does not have parent number {}", chosen));
    }
    const std::string& id = picked.parents[static_cast<std::size_t>(chosen - 1)];
    co_return co_await stores.refs.get_tree_id(repository, id);
}

// A commit of its own: nothing of `picked` is changed.
refs::Commit draft(const CherryPickRequest& request, const refs::Commit& picked, Time now) {
    refs::Commit commit;
    commit.committer = request.committer;
    commit.message = request.message.value_or(picked.message);
    commit.created = request.date.value_or(now);
    commit.metadata = request.metadata.empty() ? picked.metadata : request.metadata;
    commit.metadata[origin_key] = picked.id;
    commit.metadata[committer_key] = picked.committer;
    return commit;
}

}  // namespace

Task<refs::Commit> cherry_pick(Stores& stores, refs::Repository repository,
                               CherryPickRequest request) {
    require_read_write(repository, request.force);
    co_await get_branch(stores, repository, request.branch);
    const refs::Commit picked = co_await resolve_commit(stores, repository, request.ref);
    const std::string base = co_await parent_tree(stores, repository, picked, request.parent);
    const refs::Commit drafted = draft(request, picked, stores.clock.now());
    const Build build = [&](const refs::Commit& head) -> Task<refs::Commit> {
        if (picked.tree_id == base && !request.allow_empty) no_changes();
        MergeTrees trees{picked.tree_id, head.tree_id, base, committed::Strategy::none};
        refs::Commit commit = drafted;
        commit.tree_id = co_await merge_trees(stores, repository, std::move(trees));
        commit.parents = {head.id};
        commit.generation = head.generation + 1;
        commit = co_await stores.refs.add_commit(repository, std::move(commit));
        Event pre{Event::Kind::pre_cherry_pick, repository, request.branch, picked.id, commit};
        co_await announce(stores, std::move(pre));
        co_return commit;
    };
    refs::Commit commit = co_await replace_head(stores, repository, request.branch, build);
    Event post{Event::Kind::post_cherry_pick, repository, request.branch, commit.id, commit};
    co_await report(stores, std::move(post));
    co_return commit;
}

}  // namespace tarn::versions
