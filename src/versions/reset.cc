#include "versions/reset.h"

#include "base/error.h"
#include "versions/internal/branch.h"
#include "versions/internal/head.h"
#include "versions/internal/paging.h"
#include "versions/internal/view.h"

namespace tarn::versions {
namespace {

using refs::BlockedAction;

constexpr std::size_t rows_per_call = 256;

// The row that makes `key` show what is committed again.
std::string restoring_row(const std::string& key,
                          const std::optional<committed::RecordView>& committed) {
    if (!committed) return staging::encode(key, {});
    return staging::encode(key, {std::string(committed->identity), std::string(committed->data)});
}

// Writes under `token` what restores every staged key that begins with `prefix`.
Task<bool> restore_prefix(Stores& stores, const refs::Repository& repository,
                          const refs::Branch& branch, const std::string& prefix,
                          const std::string& token) {
    staging::Iterator staged(stores.kv, tokens_of(branch), 100);
    committed::Tree tree = co_await tree_of(stores, repository, branch.commit_id);
    Lookup lookup(stores, std::move(tree));
    std::vector<kv::Step> rows;
    bool any = false;
    bool valid = co_await staged.seek(prefix);
    while (valid && staged.record().key.starts_with(prefix)) {
        const std::string key = staged.record().key;
        const auto committed = co_await lookup.at(key);
        rows.emplace_back(kv::Put{{token, key}, restoring_row(key, committed)});
        any = true;
        if (rows.size() == rows_per_call) {
            co_await stores.kv.run(rows);
            rows.clear();
        }
        valid = staged.step();
        if (!valid) valid = co_await staged.fetch();
    }
    if (!rows.empty()) co_await stores.kv.run(rows);
    co_return any;
}

}  // namespace

Task<void> reset_branch(Stores& stores, refs::Repository repository, std::string branch,
                        bool force) {
    co_await require_permission(stores, repository, branch, BlockedAction::staging_write, force);
    for (int tries = 0; tries < update_tries_max; ++tries) {
        const Record seen = co_await get_branch(stores, repository, branch);
        refs::Branch next = seen->branch;
        next.staging_token = staging::new_token(repository.id, branch);
        next.sealed_tokens.clear();
        auto moved = co_await stores.refs.exchange_branch(repository, *seen, std::move(next));
        if (!moved) continue;
        remember(stores, repository, std::move(*moved));
        co_await drop_tokens(stores, tokens_of(seen->branch));
        co_return;
    }
    too_many_tries(branch);
}

Task<void> reset_key(Stores& stores, refs::Repository repository, std::string branch,
                     std::string key, bool force) {
    require_key(key);
    co_await require_permission(stores, repository, branch, BlockedAction::staging_write, force);
    const std::vector<std::string> keys{key};
    Record record;
    for (int tries = 0; tries < write_tries_max; ++tries) {
        StagedRead staged = co_await read_staged(stores, repository, branch, record, keys);
        if (!staged.entries.front()) co_return;
        committed::Tree tree =
            co_await tree_of(stores, repository, staged.record->branch.commit_id);
        auto committed = co_await stores.trees.find(std::move(tree), key);
        staging::Staged restored;
        if (committed) restored = {std::move(committed->identity), std::move(committed->data)};
        const std::string& token = staged.record->branch.staging_token;
        std::vector<kv::Step> rows{kv::Put{{token, key}, staging::encode(key, restored)}};
        StagedWrite write =
            co_await write_staged(stores, repository, staged.record, std::move(rows));
        if (write.now->branch.staging_token == token) co_return;
        record = std::move(write.now);
    }
    too_many_tries(branch);
}

// The restoring rows go to a token of their own, which then is put over the others at one stroke.
Task<void> reset_prefix(Stores& stores, refs::Repository repository, std::string branch,
                        std::string prefix, bool force) {
    if (prefix.empty()) {
        co_await reset_branch(stores, std::move(repository), std::move(branch), force);
        co_return;
    }
    co_await require_permission(stores, repository, branch, BlockedAction::staging_write, force);
    for (int tries = 0; tries < update_tries_max; ++tries) {
        const Record seen = co_await get_branch(stores, repository, branch);
        const std::string token = staging::new_token(repository.id, branch);
        const bool any = co_await restore_prefix(stores, repository, seen->branch, prefix, token);
        if (!any) co_return;
        refs::Branch next = seen->branch;
        next.sealed_tokens = tokens_of(seen->branch);
        next.staging_token = token;
        auto moved = co_await stores.refs.exchange_branch(repository, *seen, std::move(next));
        if (moved) {
            remember(stores, repository, std::move(*moved));
            co_return;
        }
        std::vector<std::string> unused{token};
        co_await drop_tokens(stores, std::move(unused));
    }
    too_many_tries(branch);
}

Task<void> hard_reset(Stores& stores, refs::Repository repository, std::string branch,
                      std::string ref, bool force) {
    co_await require_permission(stores, repository, branch, BlockedAction::staging_write, force);
    co_await require_permission(stores, repository, branch, BlockedAction::commit, force);
    const Build build = [&](const refs::Commit&) -> Task<refs::Commit> {
        return resolve_commit(stores, repository, ref);
    };
    co_await replace_head(stores, repository, branch, build);
}

}  // namespace tarn::versions
