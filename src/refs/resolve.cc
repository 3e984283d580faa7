#include <fmt/format.h>
#include <algorithm>

#include "base/error.h"
#include "refs/internal/expression.h"
#include "refs/internal/rows.h"
#include "refs/internal/state.h"

namespace tarn::refs {
namespace {

using Kind = Resolved::Kind;

bool is_hex(std::string_view text) {
    return std::ranges::all_of(
        text, [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}

[[noreturn]] void no_such_ref(std::string_view text) {
    throw Error(Code::not_found, fmt::format("ref '{}' not found", text), "no_such_ref");
}

// Versions of commits before parents were switched have the main line last.
const std::string& main_parent(const Commit& commit) {
    return commit.version == 0 ? commit.parents.back() : commit.parents.front();
}

Task<std::optional<Resolved>> find_name(kv::Store& store, const Repository& repository,
                                        std::string name) {
    const std::vector<kv::Step> lookups{kv::Find{branch_key(repository, name)},
                                        kv::Find{tag_key(repository, name)}};
    auto found = co_await store.run(lookups);
    if (found[0].value) {
        Branch branch = decode_branch(*found[0].value);
        Resolved resolved{.kind = Kind::branch,
                          .name = std::move(name),
                          .commit_id = branch.commit_id,
                          .with_staging = false,
                          .staging_asked = false,
                          .branch = BranchRecord{std::move(branch), std::move(*found[0].value)}};
        co_return resolved;
    }
    if (found[1].value) {
        Tag tag = decode_tag(*found[1].value);
        Resolved resolved{.kind = Kind::tag,
                          .name = std::move(name),
                          .commit_id = std::move(tag.commit_id),
                          .branch = std::nullopt};
        co_return resolved;
    }
    co_return std::nullopt;
}

// The id that begins with `prefix`, if there is exactly one.
Task<std::optional<std::string>> find_by_prefix(kv::Store& store, const Repository& repository,
                                                const std::string& prefix) {
    const std::string from = std::string(commits_prefix) + prefix;
    const auto pairs = co_await store.scan(repository.partition(), from, 2);
    if (pairs.empty() || !pairs[0].name.starts_with(from)) co_return std::nullopt;
    if (pairs.size() == 2 && pairs[1].name.starts_with(from)) co_return std::nullopt;
    co_return pairs[0].name.substr(commits_prefix.size());
}

Resolved as_commit(const StoredCommit& stored) {
    return {
        .kind = Kind::commit, .name = {}, .commit_id = stored.content_id, .branch = std::nullopt};
}

}  // namespace

Task<Resolved> Refs::resolve(Repository repository, std::string text) {
    const Expression expression = parse_expression(text);
    const std::string& base = expression.base;
    std::optional<Resolved> found;
    if (is_commit_id(base)) {
        const auto commit = co_await state_->find_commit(repository, base);
        if (commit) found = as_commit(*commit);
    }
    if (!found) found = co_await find_name(state_->store, repository, base);
    if (!found && base.size() < 64 && is_hex(base)) {
        const auto id = co_await find_by_prefix(state_->store, repository, base);
        if (id) {
            const auto commit = co_await state_->find_commit(repository, *id);
            if (commit) found = as_commit(*commit);
        }
    }
    if (!found) no_such_ref(text);

    const bool is_branch = found->kind == Kind::branch;
    if (expression.view != Expression::View::plain && !is_branch) {
        throw Error(Code::invalid_argument,
                    fmt::format("'{}': only a branch has uncommitted changes", text), "bad_ref");
    }
    if (expression.moves.empty()) {
        found->staging_asked = expression.view == Expression::View::staged;
        found->with_staging = is_branch && expression.view != Expression::View::committed;
        if (!found->with_staging) found->branch.reset();
        co_return std::move(*found);
    }
    std::string id = found->commit_id;
    for (const Move& move : expression.moves) {
        for (std::int64_t left = move.count; left > 0; --left) {
            const auto commit = co_await state_->find_commit(repository, id);
            if (!commit) no_such_ref(text);
            const Commit& at = commit->commit;
            if (move.kind == Move::Kind::parent) {
                if (move.count > static_cast<std::int64_t>(at.parents.size())) {
                    throw Error(Code::invalid_argument,
                                fmt::format("'{}': there is no parent {}", text, move.count),
                                "bad_parent");
                }
                id = at.parents[static_cast<std::size_t>(move.count - 1)];
                break;
            }
            if (at.parents.empty()) no_such_ref(text);
            id = main_parent(at);
        }
    }
    co_return Resolved{
        .kind = Kind::commit, .name = {}, .commit_id = std::move(id), .branch = std::nullopt};
}

Task<Commit> Refs::resolve_commit(Repository repository, std::string text) {
    const Resolved resolved = co_await resolve(repository, text);
    if (resolved.staging_asked) {
        throw Error(
            Code::invalid_argument,
            fmt::format("reference '{}': reference to staging area with $ is not a commit", text),
            "staging_ref");
    }
    co_return co_await get_commit(std::move(repository), resolved.commit_id);
}

}  // namespace tarn::refs
