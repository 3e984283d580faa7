#pragma once

#include <string>

#include "catalog/catalog.h"
#include "catalog/tasks.h"
#include "versions/dump.h"

namespace tarn::gc {

// A list of the commits whose objects are to be kept, which a sweeper reads.
struct PreparedCommits {
    std::string run_id;
    std::string commits_location;    // the file's URI
    std::string addresses_location;  // of the folder for the sweeper's own use
    block::Address file;
};

// Writes the list: heads of branches, and along the first parents of heads and of commits that
// nothing else goes on from, what is younger than its branch's rule says, and one commit more.
// Limits  40 bytes of memory for each commit of the repository.
// Errors  not_found (detail "no_gc_rules"): the repository has no rules.
// Source  docs/formats/tasks.md
Task<PreparedCommits> prepare_commits(catalog::Catalog& catalog, refs::Repository repository,
                                      versions::Checkpoint checkpoint);

// The id of a task that does the same in the background; its result is as below.
Task<std::string> submit_prepare_commits(catalog::Catalog& catalog, refs::Repository repository,
                                         catalog::Tasks::Describe describe);

// What the record of a task of that kind holds. Errors  corrupted.
std::string encode(const PreparedCommits& prepared);
PreparedCommits decode_prepared(std::string_view bytes);

}  // namespace tarn::gc
