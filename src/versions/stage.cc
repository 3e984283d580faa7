#include "versions/stage.h"

#include <algorithm>
#include <set>

#include "base/error.h"
#include "versions/internal/branch.h"
#include "versions/internal/view.h"

namespace tarn::versions {
namespace {

using refs::BlockedAction;

// Which of `keys` need a tombstone under the staging token. One under a sealed token does not
// count: it may have come too late for the commit that takes the token, over a value that this
// commit has read.
Task<std::vector<std::string>> find_removable(Stores& stores, refs::Repository& repository,
                                              const StagedRead& staged,
                                              const std::vector<std::string>& keys) {
    std::vector<std::string> removable;
    committed::Tree tree = co_await tree_of(stores, repository, staged.record->branch.commit_id);
    for (std::size_t i = 0; i < keys.size(); ++i) {
        const bool removed = staged.rows[i] && staged.entries[i]->is_tombstone();
        if (removed) continue;
        bool present = staged.may_show[i];
        if (!present) {
            const auto committed = co_await stores.trees.find(tree, keys[i]);
            present = committed.has_value();
        }
        if (present) removable.push_back(keys[i]);
    }
    co_return removable;
}

// What readers see of a value that was written: nothing of a removal.
std::optional<Value> shown(const Value& written) {
    if (written.identity.empty()) return std::nullopt;
    return written;
}

}  // namespace

Task<void> require_writable(Stores& stores, refs::Repository repository, std::string branch,
                            WriteOptions options) {
    co_await require_permission(stores, repository, branch, BlockedAction::staging_write,
                                options.force);
    if (find_write_hint(stores, repository, branch)) co_return;
    co_await get_branch(stores, repository, branch);
}

Task<void> put(Stores& stores, refs::Repository repository, std::string branch, std::string key,
               Value value, WriteOptions options) {
    require_key(key);
    if (value.identity.empty()) {
        throw Error(Code::invalid_argument, "a value must have an identity");
    }
    co_await require_permission(stores, repository, branch, BlockedAction::staging_write,
                                options.force);
    const std::string row =
        staging::encode(key, {std::move(value.identity), std::move(value.data)});
    Record record = find_write_hint(stores, repository, branch);
    int tries = record ? -1 : 0;
    if (!record) record = co_await get_branch(stores, repository, branch);
    for (; tries < write_tries_max; ++tries) {
        std::vector<kv::Step> rows{kv::Put{{record->branch.staging_token, key}, row}};
        StagedWrite write = co_await write_staged(stores, repository, record, std::move(rows));
        if (write.now->branch.staging_token == record->branch.staging_token) co_return;
        record = std::move(write.now);
    }
    too_many_tries(branch);
}

Task<bool> update(Stores& stores, refs::Repository repository, std::string branch, std::string key,
                  ChangeValue change, WriteOptions options) {
    require_key(key);
    co_await require_permission(stores, repository, branch, BlockedAction::staging_write,
                                options.force);
    const std::vector<std::string> keys{key};
    std::optional<Value> written;
    for (int tries = 0; tries < update_tries_max; ++tries) {
        StagedRead staged = co_await read_staged(stores, repository, branch, nullptr, keys);
        const Record record = staged.record;
        auto& entry = staged.entries.front();
        std::optional<Value> current;
        if (!entry) {
            committed::Tree tree = co_await tree_of(stores, repository, record->branch.commit_id);
            current = co_await stores.trees.find(std::move(tree), key);
        } else if (!entry->is_tombstone()) {
            current = Value{std::move(entry->identity), std::move(entry->data)};
        }
        // The token was sealed while we wrote. What is seen of it may have come too late for the
        // commit, so it is written again, without asking whether it may.
        const bool ours = written && current == shown(*written);
        std::optional<Value> next = ours ? written : change(current);
        if (!next) co_return false;
        std::string row = staging::encode(key, {next->identity, next->data});
        const auto& seen = staged.rows.front();
        kv::Expected expected = seen ? kv::equals(*seen) : kv::Expected(kv::absent);
        std::vector<kv::Step> rows{
            kv::PutIf{{record->branch.staging_token, key}, std::move(row), std::move(expected)}};
        StagedWrite write = co_await write_staged(stores, repository, record, std::move(rows));
        if (!write.results.front().done) continue;
        if (write.now->branch.staging_token == record->branch.staging_token) co_return true;
        written = std::move(next);
    }
    too_many_tries(branch);
}

Task<void> remove(Stores& stores, refs::Repository repository, std::string branch, std::string key,
                  WriteOptions options) {
    require_key(key);
    std::vector<std::string> keys{std::move(key)};
    co_await remove_many(stores, std::move(repository), std::move(branch), std::move(keys),
                         options);
}

Task<void> remove_many(Stores& stores, refs::Repository repository, std::string branch,
                       std::vector<std::string> keys, WriteOptions options) {
    std::erase_if(keys, [](const std::string& key) { return key.empty(); });
    for (const std::string& key : keys) require_key(key);
    std::ranges::sort(keys);
    const auto repeated = std::ranges::unique(keys);
    keys.erase(repeated.begin(), repeated.end());
    co_await require_permission(stores, repository, branch, BlockedAction::staging_write,
                                options.force);
    Record record = find_write_hint(stores, repository, branch);
    int tries = record ? -1 : 0;
    if (!record) record = co_await get_branch(stores, repository, branch);
    for (; tries < write_tries_max && !keys.empty(); ++tries) {
        const StagedRead staged =
            co_await read_staged(stores, repository, branch, std::move(record), keys);
        const auto removable = co_await find_removable(stores, repository, staged, keys);
        if (removable.empty()) co_return;
        const std::string& token = staged.record->branch.staging_token;
        std::vector<kv::Step> rows;
        for (const std::string& key : removable) {
            rows.emplace_back(kv::Put{{token, key}, staging::encode(key, {})});
        }
        StagedWrite write =
            co_await write_staged(stores, repository, staged.record, std::move(rows));
        if (write.now->branch.staging_token == token) co_return;
        record = std::move(write.now);
    }
    if (!keys.empty()) too_many_tries(branch);
}

}  // namespace tarn::versions
