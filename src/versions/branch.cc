#include <fmt/format.h>
#include <algorithm>

#include "base/error.h"
#include "base/log.h"
#include "versions/internal/branch.h"

namespace tarn::versions {
namespace {

constexpr std::size_t key_bytes_max = 1'024;
constexpr std::chrono::seconds write_hint_age_max{1};

// The repository as it is stored now, if it is another one than the caller knows.
Task<std::optional<refs::Repository>> find_successor(Stores& stores,
                                                     const refs::Repository& known) {
    auto fresh = co_await stores.refs.refresh_repository(known.id);
    if (!fresh) {
        throw Error(Code::not_found, fmt::format("repository '{}' not found", known.id),
                    "no_such_repository");
    }
    if (fresh->in_deletion) {
        throw Error(Code::gone, fmt::format("repository '{}' is being deleted", known.id));
    }
    if (fresh->instance_uid == known.instance_uid) co_return std::nullopt;
    co_return fresh;
}

[[noreturn]] void no_such_branch(const refs::Repository& repository, const std::string& branch) {
    throw Error(Code::not_found,
                fmt::format("branch '{}' of repository '{}' not found", branch, repository.id),
                "no_such_branch");
}

// Finds of each key under each token in order, then of the branch record.
std::vector<kv::Step> lookups(const refs::Repository& repository, const refs::Branch& branch,
                              const std::vector<std::string>& keys) {
    std::vector<kv::Step> steps;
    steps.reserve((branch.sealed_tokens.size() + 1) * keys.size() + 1);
    for (const std::string& key : keys) steps.emplace_back(kv::Find{{branch.staging_token, key}});
    for (const std::string& token : branch.sealed_tokens) {
        for (const std::string& key : keys) steps.emplace_back(kv::Find{{token, key}});
    }
    steps.emplace_back(kv::Find{refs::Refs::key_of_branch(repository, branch.id)});
    return steps;
}

}  // namespace

void require_key(std::string_view key) {
    if (!key.empty() && key.size() <= key_bytes_max) return;
    throw Error(Code::invalid_argument, "a path has 1 to 1,024 bytes", "bad_key");
}

void require_read_write(const refs::Repository& repository, bool force) {
    if (!repository.read_only || force) return;
    throw Error(Code::permission_denied, fmt::format("repository '{}' is read-only", repository.id),
                "read_only_repository");
}

Task<void> require_permission(Stores& stores, const refs::Repository& repository,
                              const std::string& branch, refs::BlockedAction action, bool force) {
    const bool blocked = co_await stores.refs.protection().is_blocked(repository, branch, action);
    if (blocked) {
        throw Error(Code::permission_denied, fmt::format("branch '{}' is protected", branch),
                    "protected_branch");
    }
    require_read_write(repository, force);
}

void too_many_tries(const std::string& branch) {
    throw Error(Code::exhausted, fmt::format("branch '{}' kept changing", branch),
                "too_many_tries");
}

std::vector<std::string> tokens_of(const refs::Branch& branch) {
    std::vector<std::string> tokens{branch.staging_token};
    tokens.insert(tokens.end(), branch.sealed_tokens.begin(), branch.sealed_tokens.end());
    return tokens;
}

bool holds_tokens_of(const refs::Branch& now, const refs::Branch& used) {
    const auto named = [&now](const std::string& token) {
        return token == now.staging_token ||
               std::ranges::find(now.sealed_tokens, token) != now.sealed_tokens.end();
    };
    return named(used.staging_token) && std::ranges::all_of(used.sealed_tokens, named);
}

bool same_tokens(const refs::Branch& left, const refs::Branch& right) {
    return left.staging_token == right.staging_token && left.sealed_tokens == right.sealed_tokens;
}

Record remember(Stores& stores, const refs::Repository& repository, refs::BranchRecord record) {
    auto shared = std::make_shared<const refs::BranchRecord>(std::move(record));
    stores.hints.remember(repository, shared);
    return shared;
}

Record find_write_hint(Stores& stores, const refs::Repository& repository,
                       const std::string& branch) {
    const auto hint = stores.hints.find(repository, branch);
    if (!hint || stores.clock.now() - hint->seen > write_hint_age_max) return nullptr;
    return hint->record;
}

Task<Record> get_branch(Stores& stores, refs::Repository& repository, const std::string& branch) {
    auto found = co_await stores.refs.find_branch(repository, branch);
    if (!found) {
        stores.hints.forget(repository, branch);
        auto successor = co_await find_successor(stores, repository);
        if (!successor) no_such_branch(repository, branch);
        repository = std::move(*successor);
        found = co_await stores.refs.find_branch(repository, branch);
        if (!found) no_such_branch(repository, branch);
    }
    co_return remember(stores, repository, std::move(*found));
}

Task<refs::Resolved> resolve(Stores& stores, refs::Repository& repository,
                             const std::string& expression) {
    std::exception_ptr failure;
    try {
        co_return co_await stores.refs.resolve(repository, expression);
    } catch (const Error& error) {
        if (error.code() != Code::not_found) throw;
        failure = std::current_exception();
    }
    auto successor = co_await find_successor(stores, repository);
    if (!successor) std::rethrow_exception(failure);
    repository = std::move(*successor);
    co_return co_await stores.refs.resolve(repository, expression);
}

Task<refs::Commit> resolve_commit(Stores& stores, refs::Repository& repository,
                                  const std::string& expression) {
    const refs::Resolved resolved = co_await resolve(stores, repository, expression);
    if (resolved.staging_asked) {
        throw Error(Code::invalid_argument,
                    fmt::format("reference '{}': reference to staging area with $ is not a commit",
                                expression),
                    "staging_ref");
    }
    co_return co_await stores.refs.get_commit(repository, resolved.commit_id);
}

Task<void> drop_tokens(Stores& stores, std::vector<std::string> tokens) {
    if (tokens.empty()) co_return;
    try {
        co_await stores.cleaner.record(std::move(tokens));
    } catch (const Error& error) {
        log::warning("dropped staging tokens could not be recorded: {}", error.message());
        co_return;
    }
    stores.cleaner.start(stores.workers);
}

Task<StagedRead> read_staged(Stores& stores, refs::Repository& repository,
                             const std::string& branch, Record first,
                             const std::vector<std::string>& keys) {
    Record used = std::move(first);
    if (!used) used = co_await get_branch(stores, repository, branch);
    for (int tries = 0; tries < read_tries_max; ++tries) {
        const std::vector<kv::Step> steps = lookups(repository, used->branch, keys);
        auto results = co_await stores.kv.run(steps);
        std::optional<std::string>& bytes = results.back().value;
        Record now;
        if (!bytes) {
            now = co_await get_branch(stores, repository, branch);
        } else if (*bytes == used->bytes) {
            stores.hints.remember(repository, used);
            now = used;
        } else {
            refs::BranchRecord record = refs::Refs::record_of(std::move(*bytes));
            now = remember(stores, repository, std::move(record));
        }
        if (!same_tokens(now->branch, used->branch)) {
            used = std::move(now);
            continue;
        }
        StagedRead read{std::move(now), {}, {}, {}};
        read.entries.resize(keys.size());
        read.may_show.resize(keys.size());
        for (std::size_t i = 0; i + 1 < results.size(); ++i) {
            if (!results[i].value) continue;
            staging::Staged staged = staging::decode(*results[i].value);
            const std::size_t at = i % keys.size();
            const bool sealed = i >= keys.size();
            if (sealed || !staged.is_tombstone()) read.may_show[at] = true;
            if (!read.entries[at]) read.entries[at] = std::move(staged);
        }
        for (std::size_t i = 0; i < keys.size(); ++i) {
            read.rows.push_back(std::move(results[i].value));
        }
        co_return read;
    }
    too_many_tries(branch);
}

Task<StagedWrite> write_staged(Stores& stores, refs::Repository& repository, Record used,
                               std::vector<kv::Step> rows) {
    const std::string& name = used->branch.id;
    rows.emplace_back(kv::Find{refs::Refs::key_of_branch(repository, name)});
    StagedWrite write;
    write.results = co_await stores.kv.run(rows);
    std::optional<std::string> bytes = std::move(write.results.back().value);
    write.results.pop_back();
    if (bytes && *bytes == used->bytes) {
        stores.hints.remember(repository, used);
        write.now = std::move(used);
        co_return write;
    }
    std::vector<std::string> orphaned{used->branch.staging_token};
    if (!bytes) {
        co_await drop_tokens(stores, std::move(orphaned));
        write.now = co_await get_branch(stores, repository, name);
        co_return write;
    }
    refs::BranchRecord record = refs::Refs::record_of(std::move(*bytes));
    write.now = remember(stores, repository, std::move(record));
    const refs::Branch written{.id = name,
                               .commit_id = {},
                               .staging_token = used->branch.staging_token,
                               .sealed_tokens = {}};
    const bool named = holds_tokens_of(write.now->branch, written);
    if (!named) co_await drop_tokens(stores, std::move(orphaned));
    co_return write;
}

}  // namespace tarn::versions
