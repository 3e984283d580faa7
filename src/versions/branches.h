#pragma once

#include <string>

#include "versions/stores.h"

namespace tarn::versions {

// Branches and tags with their events and checks; plain reads are in refs.
Task<refs::Branch> create_branch(Stores& stores, refs::Repository repository, std::string name,
                                 std::string source, bool hidden, bool force);
// Removes the branch and drops its uncommitted changes.
Task<void> delete_branch(Stores& stores, refs::Repository repository, std::string name, bool force);
Task<refs::Tag> create_tag(Stores& stores, refs::Repository repository, std::string name,
                           std::string ref, bool force);
Task<void> delete_tag(Stores& stores, refs::Repository repository, std::string name, bool force);

}  // namespace tarn::versions
