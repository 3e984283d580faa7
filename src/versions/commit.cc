#include <fmt/format.h>

#include "base/error.h"
#include "versions/history.h"
#include "versions/internal/events.h"
#include "versions/internal/head.h"
#include "versions/internal/view.h"

namespace tarn::versions {
namespace {

constexpr std::size_t changes_per_batch = 1'000;

// The rows of sealed tokens, in key order, as changes of a tree.
class SealedChanges final : public committed::ChangeSource {
public:
    SealedChanges(kv::Store& store, std::vector<std::string> tokens)
        : rows_(store, std::move(tokens)) {}

    Task<std::vector<committed::Change>> next() override {
        std::vector<committed::Change> changes;
        if (!begun_) valid_ = co_await rows_.seek("");
        begun_ = true;
        while (valid_ && changes.size() < changes_per_batch) {
            const staging::StagedRecord& record = rows_.record();
            changes.push_back({record.key, std::nullopt});
            if (!record.staged.is_tombstone()) {
                changes.back().value = {record.staged.identity, record.staged.data};
            }
            valid_ = rows_.step();
            if (!valid_) valid_ = co_await rows_.fetch();
        }
        co_return changes;
    }

private:
    staging::Iterator rows_;
    bool begun_ = false;
    bool valid_ = false;
};

refs::Commit draft(const CommitRequest& request, Time now) {
    refs::Commit commit;
    commit.committer = request.committer;
    commit.message = request.message;
    commit.created = request.date.value_or(now);
    commit.metadata = request.metadata;
    return commit;
}

Event event_of(Event::Kind kind, const refs::Repository& repository, const std::string& branch,
               std::string source_ref, refs::Commit commit) {
    return {kind, repository, branch, std::move(source_ref), std::move(commit)};
}

Task<Record> seal_for_commit(Stores& stores, refs::Repository& repository,
                             const std::string& branch) {
    for (int tries = 0; tries < update_tries_max; ++tries) {
        Record seen = co_await get_branch(stores, repository, branch);
        Record sealed = co_await seal(stores, repository, std::move(seen));
        if (sealed) co_return sealed;
    }
    too_many_tries(branch);
}

// The tree of `head` with all sealed changes, which may be none.
Task<committed::Applied> apply_sealed(Stores& stores, const refs::Repository& repository,
                                      const refs::Branch& branch, const refs::Commit& head) {
    // The first commit names no tree; what follows it has one, if without records.
    const bool unchanged = branch.sealed_tokens.empty() && !head.tree_id.empty();
    if (unchanged) co_return committed::Applied{head.tree_id, {}};
    SealedChanges changes(stores.kv, branch.sealed_tokens);
    committed::Tree base{repository.storage_namespace, head.tree_id};
    co_return co_await stores.trees.apply(std::move(base), changes);
}

// Commits the sealed tokens of the record, or of the one that replaced it.
Task<refs::Commit> finalise(Stores& stores, refs::Repository& repository, Record sealed,
                            const refs::Commit& drafted, const CommitRequest& request) {
    for (int tries = 0; tries < update_tries_max; ++tries) {
        const refs::Branch& branch = sealed->branch;
        const refs::Commit head = co_await stores.refs.get_commit(repository, branch.commit_id);
        refs::Commit commit = drafted;
        commit.parents = {head.id};
        commit.generation = head.generation + 1;
        Event before = event_of(Event::Kind::pre_commit, repository, branch.id, branch.id, commit);
        co_await announce(stores, std::move(before));

        committed::Applied applied = co_await apply_sealed(stores, repository, branch, head);
        const bool wanted = !applied.summary.empty() || request.allow_empty;
        if (wanted) {
            commit.tree_id = std::move(applied.tree_id);
            refs::Branch next = branch;
            next.sealed_tokens.clear();
            auto moved = co_await stores.refs.advance_branch(repository, *sealed, std::move(next),
                                                             std::move(commit));
            if (moved) {
                remember(stores, repository, std::move(moved->record));
                co_await drop_tokens(stores, branch.sealed_tokens);
                co_return std::move(moved->commit);
            }
        }
        // Rows may have vanished under us only if the record has changed.
        const std::string name = branch.id;
        Record now = co_await get_branch(stores, repository, name);
        if (!wanted && now->bytes == sealed->bytes) no_changes();
        sealed = std::move(now);
    }
    too_many_tries(request.branch);
}

Task<refs::Commit> commit_tree(Stores& stores, refs::Repository& repository,
                               const refs::Commit& drafted, const CommitRequest& request) {
    const Build build = [&](const refs::Commit& head) -> Task<refs::Commit> {
        refs::Commit commit = drafted;
        commit.parents = {head.id};
        commit.generation = head.generation + 1;
        commit.tree_id = *request.source_tree;
        Event before =
            event_of(Event::Kind::pre_commit, repository, request.branch, request.branch, commit);
        co_await announce(stores, std::move(before));
        co_return co_await stores.refs.add_commit(repository, std::move(commit));
    };
    co_return co_await replace_head(stores, repository, request.branch, build);
}

}  // namespace

Task<refs::Commit> commit(Stores& stores, refs::Repository repository, CommitRequest request) {
    co_await require_permission(stores, repository, request.branch, refs::BlockedAction::commit,
                                request.force);
    const refs::Commit drafted = draft(request, stores.clock.now());
    co_await get_branch(stores, repository, request.branch);
    Event prepare =
        event_of(Event::Kind::prepare_commit, repository, request.branch, request.branch, drafted);
    co_await announce(stores, std::move(prepare));
    refs::Commit commit;
    if (request.source_tree) {
        commit = co_await commit_tree(stores, repository, drafted, request);
    } else {
        Record sealed = co_await seal_for_commit(stores, repository, request.branch);
        commit = co_await finalise(stores, repository, std::move(sealed), drafted, request);
    }
    Event after = event_of(Event::Kind::post_commit, repository, request.branch, commit.id, commit);
    co_await report(stores, std::move(after));
    co_return commit;
}

}  // namespace tarn::versions
