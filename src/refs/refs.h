#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "kv/store.h"
#include "refs/model.h"
#include "refs/names.h"
#include "refs/protection.h"

namespace tarn::refs {

// A branch record together with the exact bytes it was read from, for compare-and-swap.
struct BranchRecord {
    Branch branch;
    std::string bytes;
};

// What a ref expression stands for.
struct Resolved {
    enum class Kind { branch, tag, commit };
    Kind kind = Kind::commit;
    std::string name;  // of the branch or tag; empty for a commit
    std::string commit_id;
    bool with_staging = false;   // a bare branch name or `name$`: uncommitted changes belong to it
    bool staging_asked = false;  // `name$`: not to be taken where a commit is needed
    std::optional<BranchRecord> branch;  // where with_staging
};

template <class T>
struct Page {
    std::vector<T> items;
    bool more = false;
};

// Repositories, branches, tags and the commit graph of all repositories.
//
// Threads  Any context.
// Errors   get_x: not_found, detail "no_such_repository" | "no_such_branch" | "no_such_tag" |
//          "no_such_commit" | "no_such_ref". create_x: already_exists; conflict (detail
//          "name_clash"): a branch, tag or commit has that name. gone: the repository is in
//          deletion. invalid_argument: a name breaks its rule (detail "bad_name"), a malformed
//          expression (detail "bad_ref"), `^N` beyond the parents (detail "bad_parent").
// Limits   Repository records are cached for 5 to 7 s, commits without end within 64 MiB; what
//          this server writes it sees at once.
// Source   docs/formats/refs.md
class Refs {
public:
    Refs(kv::Store& store, const Clock& clock);
    ~Refs();

    // Repositories. `create` writes, in this order, the first commit, the default branch (neither
    // for a bare one) and the record.
    Task<Repository> create_repository(Repository repository, bool bare);
    Task<Repository> get_repository(std::string id);
    Task<std::optional<Repository>> find_repository(
        std::string id);  // nothing too while in deletion
    // The record as it is stored now, for whoever doubts the cached one.
    Task<std::optional<Repository>> refresh_repository(std::string id);
    Task<Page<Repository>> list_repositories(std::string prefix, std::string after, int limit,
                                             std::string search);
    Task<void> delete_repository(std::string id);
    // Metadata of the repository; `update` changes it with compare-and-swap.
    Task<Metadata> get_repository_metadata(Repository repository);
    Task<void> update_repository_metadata(Repository repository,
                                          std::function<void(Metadata&)> change);

    // Branches.
    Task<Branch> create_branch(Repository repository, std::string name, std::string source,
                               bool hidden);
    Task<std::optional<BranchRecord>> find_branch(Repository repository, std::string name);
    Task<BranchRecord> get_branch(Repository repository, std::string name);
    Task<Page<Branch>> list_branches(Repository repository, std::string prefix, std::string after,
                                     int limit, bool show_hidden);
    // Writes `next` only while the record is still `seen`, and returns it as a record; nothing
    // otherwise.
    Task<std::optional<BranchRecord>> exchange_branch(Repository repository, BranchRecord seen,
                                                      Branch next);
    // The same with the commit that `next` then points to, both written in one call. Whether or not
    // the record was still `seen`, the commit is written, as `add_commit` does.
    struct Advanced {
        BranchRecord record;
        Commit commit;
    };
    Task<std::optional<Advanced>> advance_branch(Repository repository, BranchRecord seen,
                                                 Branch next, Commit commit);
    // `exchange_branch` for whoever does not need the new record; false: nothing was written.
    Task<bool> replace_branch(Repository repository, BranchRecord seen, Branch next);
    // A branch record from the bytes of its row, and where that row is. Errors  corrupted.
    static BranchRecord record_of(std::string bytes);
    static kv::Key key_of_branch(const Repository& repository, const std::string& name);
    // Removes the record and returns it, so that its tokens can be dropped. permission_denied
    // (detail "default_branch"): the default branch.
    Task<Branch> delete_branch(Repository repository, std::string name);

    // Tags.
    Task<Tag> create_tag(Repository repository, std::string name, std::string ref);
    Task<std::optional<Tag>> find_tag(Repository repository, std::string name);
    Task<Page<Tag>> list_tags(Repository repository, std::string prefix, std::string after,
                              int limit);
    Task<void> delete_tag(Repository repository, std::string name);

    // Commits. `add_commit` fills in the id and writes create-if-absent; an equal one is success.
    Task<Commit> add_commit(Repository repository, Commit commit);
    Task<std::optional<Commit>> find_commit(Repository repository, std::string id);
    Task<Commit> get_commit(Repository repository, std::string id);
    // The tree of a commit, without the rest of it.
    Task<std::string> get_tree_id(const Repository& repository, const std::string& commit_id);
    // All commits of the repository in order of id, reachable or not.
    Task<Page<Commit>> list_commits(Repository repository, std::string after, int limit);

    // Writes what a dump held into a bare repository. Several of one kind are written side by side.
    // Errors  invalid_argument (detail "bad_dump"): a commit is not what its id says, or has no
    //         generation. already_exists: a tag.
    Task<void> restore_commits(Repository repository, std::vector<Commit> commits);
    // Each with a fresh staging token, whatever was there.
    Task<void> restore_branches(Repository repository, std::vector<Branch> branches);
    Task<void> restore_tags(Repository repository, std::vector<Tag> tags);

    // What an expression (formats 2.8) stands for: branch, tag, commit id or its unique prefix, ~N
    // ^N @ $.
    Task<Resolved> resolve(Repository repository, std::string expression);
    // The same where a commit is needed. Errors  invalid_argument (detail "staging_ref"): `name$`.
    Task<Commit> resolve_commit(Repository repository, std::string expression);

    // The nearest common ancestor (formats 4.7); nothing when the histories share none.
    Task<std::optional<Commit>> merge_base(Repository repository, std::string left,
                                           std::string right);

    kv::Store& store();
    const Clock& clock() const;
    Protection& protection();

private:
    struct State;
    std::unique_ptr<State> state_;
};

// Commits from `start` backwards: creation date descending, ties by id descending. Commits older
// than `since` are left out, and what is reached through them only.
class Log {
public:
    Log(Refs& refs, Repository repository, std::string start, bool first_parent,
        std::optional<Time> since = std::nullopt);
    ~Log();
    // The next commit; nothing at the end.
    Task<std::optional<Commit>> next();

private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace tarn::refs
