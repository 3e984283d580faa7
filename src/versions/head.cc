#include "versions/internal/head.h"

#include <fmt/format.h>

#include "base/error.h"
#include "versions/internal/view.h"

namespace tarn::versions {

void no_changes() {
    throw Error(Code::invalid_argument, "no changes", "no_changes");
}

void bad_parent(Code code, std::string message) {
    throw Error(code, std::move(message), "bad_parent");
}

Task<Record> seal(Stores& stores, const refs::Repository& repository, Record seen) {
    const auto rows = co_await stores.kv.scan(seen->branch.staging_token, "", 1);
    if (rows.empty()) co_return seen;
    refs::Branch next = seen->branch;
    next.sealed_tokens = tokens_of(seen->branch);
    next.staging_token = staging::new_token(repository.id, next.id);
    auto sealed = co_await stores.refs.exchange_branch(repository, *seen, std::move(next));
    if (!sealed) co_return nullptr;
    co_return remember(stores, repository, std::move(*sealed));
}

Task<refs::Commit> replace_head(Stores& stores, refs::Repository& repository,
                                const std::string& branch, const Build& build) {
    for (int tries = 0; tries < update_tries_max; ++tries) {
        const Record seen = co_await get_branch(stores, repository, branch);
        committed::Tree tree = co_await tree_of(stores, repository, seen->branch.commit_id);
        bool dirty = co_await differs(stores, tokens_of(seen->branch), tree);
        Record sealed = seen;
        if (!dirty) {
            sealed = co_await seal(stores, repository, seen);
            if (!sealed) continue;
        }
        // What was written while the token was sealed counts as uncommitted too.
        if (!dirty && sealed != seen) {
            dirty = co_await differs(stores, sealed->branch.sealed_tokens, tree);
        }
        if (dirty) {
            // A commit that ended meanwhile may have taken what we saw.
            const Record now = co_await get_branch(stores, repository, branch);
            if (!same_tokens(now->branch, sealed->branch)) continue;
            throw Error(Code::invalid_argument,
                        fmt::format("branch '{}' has uncommitted changes", branch), "dirty_branch");
        }
        const refs::Commit head =
            co_await stores.refs.get_commit(repository, sealed->branch.commit_id);
        refs::Commit commit = co_await build(head);
        refs::Branch next = sealed->branch;
        next.commit_id = commit.id;
        next.sealed_tokens.clear();
        auto moved = co_await stores.refs.exchange_branch(repository, *sealed, std::move(next));
        if (!moved) continue;
        remember(stores, repository, std::move(*moved));
        co_await drop_tokens(stores, sealed->branch.sealed_tokens);
        co_return commit;
    }
    too_many_tries(branch);
}

Task<std::string> merge_trees(Stores& stores, const refs::Repository& repository,
                              MergeTrees trees) {
    if (trees.source == trees.base) co_return trees.destination;
    if (trees.destination == trees.base) co_return trees.source;
    const std::string& ns = repository.storage_namespace;
    committed::Tree source{ns, trees.source};
    committed::Tree destination{ns, trees.destination};
    committed::Tree base{ns, trees.base};
    committed::Merged merged = co_await stores.trees.merge(
        std::move(source), std::move(destination), std::move(base), trees.strategy);
    co_return std::move(merged.tree_id);
}

}  // namespace tarn::versions
