#pragma once

#include <functional>
#include <string>

#include "refs/model.h"
#include "versions/stores.h"

namespace tarn::versions {

// A repository's history as three trees in its own namespace: all commits, branches and tags, known
// by the names that they have in the key-value store.
// Source  docs/formats/tasks.md
struct Dump {
    std::string commits;
    std::string branches;
    std::string tags;
};

// Called now and then while work goes on; throws to end it.
using Checkpoint = std::function<void()>;

// The id of one tree each. Memory does not grow with what is dumped.
Task<std::string> dump_commits(Stores& stores, refs::Repository repository, Checkpoint checkpoint);
Task<std::string> dump_branches(Stores& stores, refs::Repository repository, Checkpoint checkpoint);
Task<std::string> dump_tags(Stores& stores, refs::Repository repository, Checkpoint checkpoint);

// Writes what a dump holds into a repository that has no branch yet, in the order commits,
// branches, tags. A failure leaves what was written.
// Errors  not_found (detail "no_such_range"): a file of the dump is missing. invalid_argument
//         (detail "bad_dump"). already_exists: a tag.
Task<void> restore_commits(Stores& stores, refs::Repository repository, std::string tree,
                           Checkpoint checkpoint);
Task<void> restore_branches(Stores& stores, refs::Repository repository, std::string tree,
                            Checkpoint checkpoint);
Task<void> restore_tags(Stores& stores, refs::Repository repository, std::string tree,
                        Checkpoint checkpoint);

}  // namespace tarn::versions
