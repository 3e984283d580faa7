#include <algorithm>

#include "versions/compare.h"
#include "versions/internal/branch.h"
#include "versions/internal/view.h"

namespace tarn::versions {
namespace {

// Whether a commit changed one of the paths asked for, against its only parent.
Task<bool> touches(Stores& stores, const refs::Repository& repository, const refs::Commit& commit,
                   const LogQuery& query) {
    if (commit.parents.size() != 1) co_return false;
    const std::string& ns = repository.storage_namespace;
    const committed::Tree after{ns, commit.tree_id};
    const committed::Tree before = co_await tree_of(stores, repository, commit.parents.front());
    if (before.id == after.id) co_return false;
    for (const std::string& key : query.objects) {
        const auto old_value = co_await stores.trees.find(before, key);
        const auto new_value = co_await stores.trees.find(after, key);
        if (old_value.has_value() != new_value.has_value()) co_return true;
        if (old_value && old_value->identity != new_value->identity) co_return true;
    }
    for (const std::string& prefix : query.prefixes) {
        const auto differences = stores.trees.diff(before, after);
        const bool found = co_await differences->seek(prefix);
        if (found && differences->entry().key.starts_with(prefix)) co_return true;
    }
    co_return false;
}

}  // namespace

Task<refs::Page<refs::Commit>> log(Stores& stores, refs::Repository repository, std::string ref,
                                   LogQuery query) {
    const refs::Commit start = co_await resolve_commit(stores, repository, ref);
    std::optional<std::string> after;
    if (!query.after.empty()) {
        const refs::Commit commit = co_await resolve_commit(stores, repository, query.after);
        after = commit.id;
    }
    std::optional<std::string> stop_at;
    if (!query.stop_at.empty()) {
        const refs::Commit commit = co_await resolve_commit(stores, repository, query.stop_at);
        stop_at = commit.id;
    }
    const bool filtered = !query.objects.empty() || !query.prefixes.empty();
    const auto limit = static_cast<std::size_t>(std::max(query.limit, 1));
    refs::Page<refs::Commit> page;
    refs::Log commits(stores.refs, repository, start.id, query.first_parent, query.since);
    while (true) {
        auto commit = co_await commits.next();
        if (!commit) break;
        const bool last = commit->id == stop_at;
        if (after) {
            if (commit->id == *after) after.reset();
            if (last) break;
            continue;
        }
        bool wanted = true;
        if (filtered) wanted = co_await touches(stores, repository, *commit, query);
        if (wanted && page.items.size() == limit) {
            page.more = true;
            break;
        }
        if (wanted) page.items.push_back(std::move(*commit));
        if (last || (query.stop_at_limit && page.items.size() == limit)) break;
    }
    co_return page;
}

}  // namespace tarn::versions
