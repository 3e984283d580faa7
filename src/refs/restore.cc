#include <fmt/format.h>

#include <utility>

#include "base/error.h"
#include "base/ids.h"
#include "base/signal.h"
#include "refs/internal/rows.h"
#include "refs/internal/state.h"

namespace tarn::refs {
namespace {

constexpr int writes_at_a_time = 128;  // so that their syncs are shared

[[noreturn]] void refuse(std::string_view id, std::string_view why) {
    throw Error(Code::invalid_argument, fmt::format("commit '{}' {}", id, why), "bad_dump");
}

}  // namespace

Task<void> Refs::restore_commits(Repository repository, std::vector<Commit> commits) {
    std::vector<std::function<Task<void>()>> writes;
    for (const Commit& commit : commits) {
        if (commit.generation == 0) refuse(commit.id, "has no generation");
        if (commit_id_of(commit) != commit.id) refuse(commit.id, "is not what its id says");
        writes.emplace_back([this, &repository, &commit]() -> Task<void> {
            co_await add_commit(repository, commit);
        });
    }
    co_await run_all(std::move(writes), writes_at_a_time);
}

Task<void> Refs::restore_branches(Repository repository, std::vector<Branch> branches) {
    std::vector<std::function<Task<void>()>> writes;
    for (Branch& branch : branches) {
        branch.staging_token = fmt::format("{}-{}:{}", repository.id, branch.id, new_uuid());
        branch.sealed_tokens.clear();
        writes.emplace_back([this, &repository, &branch]() -> Task<void> {
            co_await kv::put(state_->store, branch_key(repository, branch.id), encode(branch));
        });
    }
    co_await run_all(std::move(writes), writes_at_a_time);
}

Task<void> Refs::restore_tags(Repository repository, std::vector<Tag> tags) {
    std::vector<std::function<Task<void>()>> writes;
    for (const Tag& tag : tags) {
        writes.emplace_back([this, &repository, &tag]() -> Task<void> {
            const kv::Key key = tag_key(repository, tag.id);
            const bool created = co_await kv::put_if(state_->store, key, encode(tag), kv::absent);
            if (!created) {
                throw Error(Code::already_exists, fmt::format("tag '{}' already exists", tag.id));
            }
        });
    }
    co_await run_all(std::move(writes), writes_at_a_time);
}

}  // namespace tarn::refs
