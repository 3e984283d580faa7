#pragma once

#include <functional>
#include <string>
#include <vector>

#include "base/error.h"
#include "versions/internal/branch.h"

namespace tarn::versions {

// Moves what is being written to a new token: the record with the staging token sealed. A token
// without rows is left alone, for there is nothing to take; its writers go on. Nothing when another
// writer changed the record first.
Task<Record> seal(Stores& stores, const refs::Repository& repository, Record seen);

// Points a branch at the commit that `build` makes of its head, if nothing is uncommitted; what was
// staged without making a difference is dropped. Prepared afresh, `build` included, while other
// changes of the record come first.
// Errors  invalid_argument (detail "dirty_branch"); exhausted; what `build` throws.
using Build = std::function<Task<refs::Commit>(const refs::Commit& head)>;
Task<refs::Commit> replace_head(Stores& stores, refs::Repository& repository,
                                const std::string& branch, const Build& build);

// Three-way merge of trees with the short cuts of formats 4.5.
// Errors  conflict (detail "merge_conflict").
struct MergeTrees {
    std::string source;
    std::string destination;
    std::string base;
    committed::Strategy strategy = committed::Strategy::none;
};
Task<std::string> merge_trees(Stores& stores, const refs::Repository& repository, MergeTrees trees);

[[noreturn]] void no_changes();
[[noreturn]] void bad_parent(Code code, std::string message);

}  // namespace tarn::versions
