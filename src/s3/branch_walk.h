#pragma once

#include <optional>
#include <string>
#include <vector>

#include "refs/refs.h"

namespace tarn::s3 {

// The branches of a repository in the order in which "<branch>/" sorts: "main-2/" comes before
// "main/".
class BranchWalk {
public:
    // Branches that begin with `prefix` and whose "<branch>/" sorts behind `after` or is a prefix
    // of it.
    BranchWalk(refs::Refs& refs, refs::Repository repository, std::string prefix,
               std::string after);

    // The next branch; nothing at the end.
    Task<std::optional<std::string>> next();

private:
    Task<void> start();
    Task<void> hold_if_branch(std::string name);
    Task<std::optional<std::string>> next_name();
    std::string release();

    refs::Refs& refs_;
    refs::Repository repository_;
    std::string prefix_;
    std::string after_;
    bool started_ = false;
    std::vector<std::string> held_;  // read, but sorting behind what is still to be read
    std::optional<std::string> ahead_;
    std::vector<std::string> page_;  // names in reverse order
    std::string page_after_;
    bool more_pages_ = true;
};

}  // namespace tarn::s3
