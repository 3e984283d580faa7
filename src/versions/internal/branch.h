#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "refs/refs.h"
#include "staging/staging.h"
#include "versions/stores.h"

// What the operations share: permissions, branch records, and the rule that decides whether what
// was read under a record may be believed.
namespace tarn::versions {

using Record = std::shared_ptr<const refs::BranchRecord>;

inline constexpr int write_tries_max = 3;    // the protocol's; a try under a hint comes before them
inline constexpr int update_tries_max = 10;  // of compare-and-swap on a branch record
inline constexpr int read_tries_max = 10;    // of reading under a record

// Errors  invalid_argument (detail "bad_key"): not 1 to 1,024 bytes.
void require_key(std::string_view key);
// Errors  permission_denied (detail "read_only_repository").
void require_read_write(const refs::Repository& repository, bool force);
// Branch protection first, then the read-only flag, which alone `force` overrides.
Task<void> require_permission(Stores& stores, const refs::Repository& repository,
                              const std::string& branch, refs::BlockedAction action, bool force);
[[noreturn]] void too_many_tries(const std::string& branch);

// All tokens of a branch, newest first.
std::vector<std::string> tokens_of(const refs::Branch& branch);
// Whether `now` still names every token of `used`.
bool holds_tokens_of(const refs::Branch& now, const refs::Branch& used);
bool same_tokens(const refs::Branch& left, const refs::Branch& right);

// The branch record, read now and remembered as a hint. A branch missing under a repository record
// that came from a cache is looked for once more under a fresh one, which `repository` then is.
// Errors  not_found (detail "no_such_branch" | "no_such_repository").
Task<Record> get_branch(Stores& stores, refs::Repository& repository, const std::string& branch);
// Refs::resolve with the same care.
Task<refs::Resolved> resolve(Stores& stores, refs::Repository& repository,
                             const std::string& expression);
Task<refs::Commit> resolve_commit(Stores& stores, refs::Repository& repository,
                                  const std::string& expression);
Record remember(Stores& stores, const refs::Repository& repository, refs::BranchRecord record);
// The hint for a write, which must be young.
Record find_write_hint(Stores& stores, const refs::Repository& repository,
                       const std::string& branch);

// Has tokens that no record names any more removed, off the caller's path. Never fails: what could
// not be recorded is a leftover.
Task<void> drop_tokens(Stores& stores, std::vector<std::string> tokens);

// The staged entries of some keys under a valid record.
struct StagedRead {
    Record record;
    std::vector<std::optional<staging::Staged>> entries;  // first hit of each key, or nothing
    std::vector<std::optional<std::string>> rows;  // of each key, under the staging token itself
    // Of each key, whether it may show once the sealed tokens are committed: a token holds a value,
    // or a sealed one holds any row, which may have replaced a value after the commit had read it.
    std::vector<bool> may_show;
};
// Reads the keys under every token of `first` and then the branch record, again until both agree.
// Without a `first` the record is read beforehand.
Task<StagedRead> read_staged(Stores& stores, refs::Repository& repository,
                             const std::string& branch, Record first,
                             const std::vector<std::string>& keys);

// Writes rows under the staging token of `used`, then reads the branch record; both in one call.
// When no record names that token any more, it is recorded for clean-up.
struct StagedWrite {
    Record now;
    std::vector<kv::Result> results;  // one per row
};
Task<StagedWrite> write_staged(Stores& stores, refs::Repository& repository, Record used,
                               std::vector<kv::Step> rows);

// Runs `read` under branch records until what it read is valid. `first` may be a hint; then not
// only its tokens must still be named, but the record must be the same.
template <class T>
Task<T> read_under(Stores& stores, refs::Repository& repository, std::string branch, Record first,
                   const std::function<Task<T>(const refs::Branch&)>& read) {
    bool is_hint = first != nullptr;
    Record used = std::move(first);
    if (!used) used = co_await get_branch(stores, repository, branch);
    for (int tries = 0; tries < read_tries_max; ++tries) {
        T result = co_await read(used->branch);
        Record now = co_await get_branch(stores, repository, branch);
        const bool valid =
            is_hint ? now->bytes == used->bytes : holds_tokens_of(now->branch, used->branch);
        if (valid) co_return std::move(result);
        used = std::move(now);
        is_hint = false;
    }
    too_many_tries(branch);
}

}  // namespace tarn::versions
