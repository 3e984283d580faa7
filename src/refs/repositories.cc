#include <fmt/format.h>

#include "base/error.h"
#include "base/ids.h"
#include "kv/page.h"
#include "refs/internal/rows.h"
#include "refs/internal/state.h"

namespace tarn::refs {
namespace {

constexpr int update_tries_max = 20;

[[noreturn]] void no_such_repository(std::string_view id) {
    throw Error(Code::not_found, fmt::format("repository '{}' not found", id),
                "no_such_repository");
}

}  // namespace

Task<Repository> Refs::create_repository(Repository repository, bool bare) {
    if (!is_repository_name(repository.id)) refuse_name("repository", repository.id);
    if (!is_branch_name(repository.default_branch)) {
        refuse_name("branch", repository.default_branch);
    }
    const kv::Key key = repository_key(repository.id);
    const auto existing = co_await kv::find(state_->store, key);
    const std::string taken = fmt::format("repository '{}' already exists", repository.id);
    if (existing) throw Error(Code::already_exists, taken);

    const Time now = state_->clock.now();
    if (repository.created == Time{}) repository.created = now;
    if (repository.instance_uid.empty()) repository.instance_uid = new_xid(now);
    if (!bare) {
        Commit first;
        first.message = "Repository created";
        first.created = repository.created;
        first = co_await add_commit(repository, std::move(first));
        const Branch branch{.id = repository.default_branch,
                            .commit_id = first.id,
                            .staging_token = fmt::format("{}-{}:{}", repository.id,
                                                         repository.default_branch, new_uuid()),
                            .sealed_tokens = {}};
        const kv::Key at = branch_key(repository, branch.id);
        co_await kv::put_if(state_->store, at, encode(branch), kv::absent);
    }
    const bool created = co_await kv::put_if(state_->store, key, encode(repository), kv::absent);
    if (!created) throw Error(Code::already_exists, taken);
    state_->repositories.add(repository);
    co_return repository;
}

Task<std::optional<Repository>> Refs::refresh_repository(std::string id) {
    if (!is_repository_name(id)) refuse_name("repository", id);
    const auto bytes = co_await kv::find(state_->store, repository_key(id));
    if (!bytes) {
        state_->repositories.remove(id);
        co_return std::nullopt;
    }
    Repository repository = decode_repository(*bytes);
    state_->repositories.add(repository);
    co_return repository;
}

Task<Repository> Refs::get_repository(std::string id) {
    const auto cached = state_->repositories.find(id);
    if (cached && !cached->in_deletion) co_return *cached;
    auto found = co_await refresh_repository(id);
    if (!found) no_such_repository(id);
    if (found->in_deletion) {
        throw Error(Code::gone, fmt::format("repository '{}' is being deleted", id));
    }
    co_return std::move(*found);
}

Task<std::optional<Repository>> Refs::find_repository(std::string id) {
    const auto cached = state_->repositories.find(id);
    if (cached && !cached->in_deletion) co_return *cached;
    if (!is_repository_name(id)) co_return std::nullopt;
    auto found = co_await refresh_repository(std::move(id));
    if (found && found->in_deletion) co_return std::nullopt;
    co_return found;
}

Task<Page<Repository>> Refs::list_repositories(std::string prefix, std::string after, int limit,
                                               std::string search) {
    std::string partition(repositories_partition);
    kv::Keep keep = [&search](const kv::Pair& pair) {
        if (pair.name.find(search) == std::string::npos) return false;
        return !decode_repository(pair.value).in_deletion;
    };
    auto pairs = co_await kv::list_rows(state_->store, std::move(partition),
                                        std::string(repositories_prefix), std::move(prefix),
                                        std::move(after), limit, std::move(keep));
    Page<Repository> page{.items = {}, .more = pairs.more};
    for (const kv::Pair& pair : pairs.items) page.items.push_back(decode_repository(pair.value));
    co_return page;
}

// A crash in between leaves a repository in deletion; deleting it again takes up where it stopped.
Task<void> Refs::delete_repository(std::string id) {
    if (!is_repository_name(id)) refuse_name("repository", id);
    const kv::Key key = repository_key(id);
    const auto bytes = co_await kv::find(state_->store, key);
    state_->repositories.remove(id);
    if (!bytes) no_such_repository(id);
    Repository repository = decode_repository(*bytes);
    if (!repository.in_deletion) {
        repository.in_deletion = true;
        const bool marked =
            co_await kv::put_if(state_->store, key, encode(repository), kv::equals(*bytes));
        if (!marked) {
            throw Error(Code::conflict, fmt::format("repository '{}' is being changed", id));
        }
    }
    co_await state_->store.drop(repository.partition());
    co_await kv::remove(state_->store, key);
    state_->repositories.remove(id);
}

Task<Metadata> Refs::get_repository_metadata(Repository repository) {
    const auto bytes = co_await kv::find(state_->store, metadata_key(repository));
    if (!bytes) co_return Metadata{};
    co_return decode_metadata(*bytes);
}

Task<void> Refs::update_repository_metadata(Repository repository,
                                            std::function<void(Metadata&)> change) {
    const kv::Key key = metadata_key(repository);
    for (int tries = 0; tries < update_tries_max; ++tries) {
        const auto bytes = co_await kv::find(state_->store, key);
        Metadata metadata = bytes ? decode_metadata(*bytes) : Metadata{};
        change(metadata);
        const kv::Expected expected = bytes ? kv::equals(*bytes) : kv::Expected(kv::absent);
        const bool done =
            co_await kv::put_if(state_->store, key, encode_metadata(metadata), expected);
        if (done) co_return;
    }
    throw Error(Code::exhausted, "the repository's metadata kept changing", "too_many_tries");
}

}  // namespace tarn::refs
