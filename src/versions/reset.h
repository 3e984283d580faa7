#pragma once

#include <string>

#include "versions/stores.h"

namespace tarn::versions {

// Drops uncommitted changes: all of a branch, those of one key, those under a prefix.
Task<void> reset_branch(Stores& stores, refs::Repository repository, std::string branch,
                        bool force);
Task<void> reset_key(Stores& stores, refs::Repository repository, std::string branch,
                     std::string key, bool force);
Task<void> reset_prefix(Stores& stores, refs::Repository repository, std::string branch,
                        std::string prefix, bool force);

// Points the branch at another commit. Errors  invalid_argument (detail "dirty_branch"): it has
// uncommitted changes.
Task<void> hard_reset(Stores& stores, refs::Repository repository, std::string branch,
                      std::string ref, bool force);

}  // namespace tarn::versions
