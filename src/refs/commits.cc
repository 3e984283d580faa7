#include <fmt/format.h>

#include "base/bytes.h"
#include "base/error.h"
#include "kv/page.h"
#include "refs/internal/rows.h"
#include "refs/internal/state.h"

namespace tarn::refs {
namespace {

void require_text(std::string_view bytes) {
    if (is_utf8(bytes)) return;
    throw Error(Code::invalid_argument, "the text of a commit must be UTF-8", "bad_text");
}

void require_texts(const Commit& commit) {
    require_text(commit.committer);
    require_text(commit.message);
    for (const auto& [key, value] : commit.metadata) {
        require_text(key);
        require_text(value);
    }
}

std::shared_ptr<const StoredCommit> stored(Commit commit) {
    std::string content_id = commit_id_of(commit);
    return std::make_shared<const StoredCommit>(std::move(commit), std::move(content_id));
}

[[noreturn]] void no_such_commit(std::string_view id) {
    throw Error(Code::not_found, fmt::format("commit '{}' not found", id), "no_such_commit");
}

}  // namespace

Task<Commit> Refs::add_commit(Repository repository, Commit commit) {
    require_texts(commit);
    commit.id = commit_id_of(commit);
    const kv::Key key = commit_key(repository, commit.id);
    const bool added = co_await kv::put_if(state_->store, key, encode(commit), kv::absent);
    if (added) state_->commits.add(repository, stored(commit));
    co_return commit;
}

Task<std::optional<Refs::Advanced>> Refs::advance_branch(Repository repository, BranchRecord seen,
                                                         Branch next, Commit commit) {
    require_texts(commit);
    commit.id = commit_id_of(commit);
    next.commit_id = commit.id;
    std::string bytes = encode(next);
    // In this order: no branch ever points to a commit that is not there.
    const std::vector<kv::Step> steps{
        kv::PutIf{commit_key(repository, commit.id), encode(commit), kv::absent},
        kv::PutIf{branch_key(repository, seen.branch.id), bytes, kv::equals(seen.bytes)}};
    const auto results = co_await state_->store.run(steps);
    if (results.front().done) state_->commits.add(repository, stored(commit));
    if (!results.back().done) co_return std::nullopt;
    co_return Advanced{{std::move(next), std::move(bytes)}, std::move(commit)};
}

Task<std::shared_ptr<const StoredCommit>> Refs::State::find_commit(const Repository& repository,
                                                                   const std::string& id) {
    auto cached = commits.find(repository, id);
    if (cached || id.empty()) co_return cached;
    const auto bytes = co_await kv::find(store, commit_key(repository, id));
    if (!bytes) co_return nullptr;
    Commit commit = decode_commit(*bytes);
    commit.id = id;
    auto loaded = stored(std::move(commit));
    commits.add(repository, loaded);
    co_return loaded;
}

Task<std::optional<Commit>> Refs::find_commit(Repository repository, std::string id) {
    const auto found = co_await state_->find_commit(repository, id);
    if (!found) co_return std::nullopt;
    co_return found->commit;
}

Task<Commit> Refs::get_commit(Repository repository, std::string id) {
    const auto found = co_await state_->find_commit(repository, id);
    if (!found) no_such_commit(id);
    co_return found->commit;
}

Task<std::string> Refs::get_tree_id(const Repository& repository, const std::string& commit_id) {
    const auto cached = state_->commits.find(repository, commit_id);
    if (cached) co_return cached->commit.tree_id;
    const auto found = co_await state_->find_commit(repository, commit_id);
    if (!found) no_such_commit(commit_id);
    co_return found->commit.tree_id;
}

Task<Page<Commit>> Refs::list_commits(Repository repository, std::string after, int limit) {
    auto pairs =
        co_await kv::list_rows(state_->store, repository.partition(), std::string(commits_prefix),
                               "", std::move(after), limit, nullptr);
    Page<Commit> page{.items = {}, .more = pairs.more};
    for (const kv::Pair& pair : pairs.items) page.items.push_back(decode_commit(pair.value));
    co_return page;
}

}  // namespace tarn::refs
