#include <fmt/format.h>

#include "versions/history.h"
#include "versions/internal/events.h"
#include "versions/internal/head.h"

namespace tarn::versions {
namespace {

// The tree that undoing leads back to: that of the chosen parent, none for the first commit.
Task<std::string> tree_before(Stores& stores, const refs::Repository& repository,
                              const refs::Commit& undone, int parent) {
    const auto count = static_cast<int>(undone.parents.size());
    if (count > 1 && parent == 0) {
        bad_parent(Code::conflict, "must specify 1-based parent number for reverting merge commit");
    }
    if (parent < 0 || parent > count) {
        bad_parent(Code::invalid_argument,
                   fmt::format("the commit does not have parent number {}", parent));
    }
    if (count == 0) co_return std::string();
    const auto index = static_cast<std::size_t>(parent == 0 ? 0 : parent - 1);
    co_return co_await stores.refs.get_tree_id(repository, undone.parents[index]);
}

}  // namespace

Task<refs::Commit> revert(Stores& stores, refs::Repository repository, RevertRequest request) {
    require_read_write(repository, request.force);
    co_await get_branch(stores, repository, request.branch);
    const refs::Commit undone = co_await resolve_commit(stores, repository, request.ref);
    const std::string before = co_await tree_before(stores, repository, undone, request.parent);
    const Time date = request.date.value_or(stores.clock.now());
    const Build build = [&](const refs::Commit& head) -> Task<refs::Commit> {
        MergeTrees trees{before, head.tree_id, undone.tree_id, committed::Strategy::none};
        refs::Commit commit;
        commit.tree_id = co_await merge_trees(stores, repository, std::move(trees));
        if (commit.tree_id == head.tree_id && !request.allow_empty) no_changes();
        commit.committer = request.committer;
        commit.message = request.message.value_or(fmt::format("Revert {}", request.ref));
        commit.created = date;
        commit.metadata = request.metadata;
        commit.parents = {head.id};
        commit.generation = head.generation + 1;
        commit = co_await stores.refs.add_commit(repository, std::move(commit));
        Event pre{Event::Kind::pre_revert, repository, request.branch, request.branch, commit};
        co_await announce(stores, std::move(pre));
        co_return commit;
    };
    refs::Commit commit = co_await replace_head(stores, repository, request.branch, build);
    Event post{Event::Kind::post_revert, repository, request.branch, commit.id, commit};
    co_await report(stores, std::move(post));
    co_return commit;
}

}  // namespace tarn::versions
