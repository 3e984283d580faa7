#pragma once

#include <optional>
#include <string>
#include <vector>

#include "committed/trees.h"
#include "versions/stores.h"

namespace tarn::versions {

struct DiffQuery {
    std::string prefix = {};
    std::string after = {};
    std::string delimiter = {};
    int limit = 1000;
};

struct DiffItem {
    committed::DiffType type = committed::DiffType::added;
    bool conflict = false;
    bool is_prefix = false;  // several differences rolled up; `type` is then `changed`
    std::string key;
    committed::Value left;
    committed::Value right;
};

struct DiffPage {
    std::vector<DiffItem> items;
    bool more = false;
};

// What is uncommitted on a branch.
Task<DiffPage> diff_branch(Stores& stores, refs::Repository repository, std::string branch,
                           DiffQuery query);

// From `left` to `right`. `three_dot`: from their merge base to `right`, as a merge of right into
// left would bring, with conflicts marked.
Task<DiffPage> diff_refs(Stores& stores, refs::Repository repository, std::string left,
                         std::string right, bool three_dot, DiffQuery query);

struct LogQuery {
    std::string after = {};  // commit id, exclusive
    int limit = 100;
    std::vector<std::string> objects = {};   // only commits that changed one of these keys
    std::vector<std::string> prefixes = {};  // or a key under one of these
    std::optional<Time> since = {};          // not older
    std::string stop_at = {};                // ref; it is the last one
    bool first_parent = false;
    bool stop_at_limit = false;  // do not look whether there is a further one: `more` stays false
};

// Commits from `ref` backwards.
Task<refs::Page<refs::Commit>> log(Stores& stores, refs::Repository repository, std::string ref,
                                   LogQuery query);

}  // namespace tarn::versions
