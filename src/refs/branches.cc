#include <fmt/format.h>

#include "base/error.h"
#include "base/ids.h"
#include "kv/page.h"
#include "refs/internal/rows.h"
#include "refs/internal/state.h"

namespace tarn::refs {
namespace {

[[noreturn]] void no_such_branch(const Repository& repository, std::string_view name) {
    throw Error(Code::not_found,
                fmt::format("branch '{}' of repository '{}' not found", name, repository.id),
                "no_such_branch");
}

}  // namespace

Task<Branch> Refs::create_branch(Repository repository, std::string name, std::string source,
                                 bool hidden) {
    if (!is_branch_name(name)) refuse_name("branch", name);
    const Commit head = co_await resolve_commit(repository, std::move(source));
    const std::vector<kv::Step> lookups{kv::Find{tag_key(repository, name)},
                                        kv::Find{commit_key(repository, name)}};
    const auto clashes = co_await state_->store.run(lookups);
    if (clashes[0].value || clashes[1].value) {
        throw Error(Code::conflict, fmt::format("'{}' is the name of a tag or commit", name),
                    "name_clash");
    }
    Branch branch{.id = name,
                  .commit_id = head.id,
                  .staging_token = fmt::format("{}-{}:{}", repository.id, name, new_uuid()),
                  .sealed_tokens = {},
                  .hidden = hidden};
    const kv::Key key = branch_key(repository, name);
    const bool created = co_await kv::put_if(state_->store, key, encode(branch), kv::absent);
    if (!created) {
        throw Error(Code::already_exists, fmt::format("branch '{}' already exists", name));
    }
    co_return branch;
}

Task<std::optional<BranchRecord>> Refs::find_branch(Repository repository, std::string name) {
    if (name.empty()) co_return std::nullopt;
    auto bytes = co_await kv::find(state_->store, branch_key(repository, name));
    if (!bytes) co_return std::nullopt;
    Branch branch = decode_branch(*bytes);
    co_return BranchRecord{std::move(branch), std::move(*bytes)};
}

Task<BranchRecord> Refs::get_branch(Repository repository, std::string name) {
    auto found = co_await find_branch(repository, name);
    if (!found) no_such_branch(repository, name);
    co_return std::move(*found);
}

Task<Page<Branch>> Refs::list_branches(Repository repository, std::string prefix, std::string after,
                                       int limit, bool show_hidden) {
    kv::Keep keep;
    if (!show_hidden) keep = [](const kv::Pair& pair) { return !decode_branch(pair.value).hidden; };
    auto pairs =
        co_await kv::list_rows(state_->store, repository.partition(), std::string(branches_prefix),
                               std::move(prefix), std::move(after), limit, std::move(keep));
    Page<Branch> page{.items = {}, .more = pairs.more};
    for (const kv::Pair& pair : pairs.items) page.items.push_back(decode_branch(pair.value));
    co_return page;
}

BranchRecord Refs::record_of(std::string bytes) {
    Branch branch = decode_branch(bytes);
    return {std::move(branch), std::move(bytes)};
}

kv::Key Refs::key_of_branch(const Repository& repository, const std::string& name) {
    return branch_key(repository, name);
}

Task<std::optional<BranchRecord>> Refs::exchange_branch(Repository repository, BranchRecord seen,
                                                        Branch next) {
    kv::Key key = branch_key(repository, seen.branch.id);
    std::string bytes = encode(next);
    kv::Expected expected = kv::equals(seen.bytes);
    const bool done =
        co_await kv::put_if(state_->store, std::move(key), bytes, std::move(expected));
    if (!done) co_return std::nullopt;
    co_return BranchRecord{std::move(next), std::move(bytes)};
}

Task<bool> Refs::replace_branch(Repository repository, BranchRecord seen, Branch next) {
    const auto exchanged =
        co_await exchange_branch(std::move(repository), std::move(seen), std::move(next));
    co_return exchanged.has_value();
}

Task<Branch> Refs::delete_branch(Repository repository, std::string name) {
    if (name == repository.default_branch) {
        throw Error(
            Code::permission_denied,
            fmt::format("'{}' is the default branch of repository '{}'", name, repository.id),
            "default_branch");
    }
    BranchRecord found = co_await get_branch(repository, name);
    co_await kv::remove(state_->store, branch_key(repository, name));
    co_return std::move(found.branch);
}

}  // namespace tarn::refs
