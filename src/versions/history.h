#pragma once

#include <optional>
#include <string>
#include <vector>

#include "committed/trees.h"
#include "versions/stores.h"

namespace tarn::versions {

// Operations that add a commit to a branch. Each is in a file of its own: commit.cc, merge.cc,
// import.cc, revert.cc, cherry_pick.cc. `force` allows them in a read-only repository.

struct CommitRequest {
    std::string branch = {};
    std::string committer = {};
    std::string message = {};
    refs::Metadata metadata = {};
    std::optional<Time> date = {};
    std::optional<std::string> source_tree =
        {};  // commit this metarange instead of the staged changes
    bool allow_empty = false;
    bool force = false;
};
Task<refs::Commit> commit(Stores& stores, refs::Repository repository, CommitRequest request);

struct MergeRequest {
    std::string source = {};       // any ref expression
    std::string destination = {};  // a branch
    std::string committer = {};
    std::string message = {};  // empty: "Merge 'source' into 'destination'"
    refs::Metadata metadata = {};
    committed::Strategy strategy = committed::Strategy::none;
    bool allow_empty = false;
    bool force = false;
    bool squash = false;
};
Task<refs::Commit> merge(Stores& stores, refs::Repository repository, MergeRequest request);

// The base of a merge, and the two commits it was found for.
struct MergeBase {
    std::string source_commit;
    std::string destination_commit;
    std::string base_commit;
};
Task<MergeBase> find_merge_base(Stores& stores, refs::Repository repository, std::string source,
                                std::string destination);

// Puts a tree in place of all keys with one of the prefixes.
struct ImportRequest {
    std::string branch = {};
    std::string tree_id = {};                // what is imported
    std::vector<std::string> prefixes = {};  // what it replaces
    std::string committer = {};
    std::string message = {};  // empty: "Import objects"
    refs::Metadata metadata = {};
    bool force = false;
};
// The last import's time is kept in the repository's metadata too. Branch protection does not
// apply.
Task<refs::Commit> import_tree(Stores& stores, refs::Repository repository, ImportRequest request);

struct RevertRequest {
    std::string branch = {};
    std::string ref = {};  // the commit to undo
    int parent = 0;        // 1-based; needed for merge commits; 0: not given
    std::string committer = {};
    std::optional<std::string> message = {};
    refs::Metadata metadata = {};
    std::optional<Time> date = {};
    bool allow_empty = false;
    bool force = false;
};
Task<refs::Commit> revert(Stores& stores, refs::Repository repository, RevertRequest request);

struct CherryPickRequest {
    std::string branch = {};
    std::string ref = {};
    std::optional<int> parent = {};  // 1-based
    std::string committer = {};
    std::optional<std::string> message = {};
    refs::Metadata metadata = {};
    std::optional<Time> date = {};
    bool allow_empty = false;
    bool force = false;
};
Task<refs::Commit> cherry_pick(Stores& stores, refs::Repository repository,
                               CherryPickRequest request);

}  // namespace tarn::versions
