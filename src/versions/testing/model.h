#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "versions/compare.h"
#include "versions/read.h"

namespace tarn::versions {

// What versions must do, said in the plainest way over maps held whole in memory.

using Contents = std::map<std::string, std::string>;  // key to content

struct ModelCommit {
    Contents contents;
    std::string tree_id;  // the engine's: short cuts compare it
    std::vector<std::string> parents;
};

struct ModelBranch {
    std::string head;
    std::map<std::string, std::optional<std::string>> staged;  // nothing: deleted
};

struct Model {
    std::map<std::string, ModelCommit> commits;
    std::map<std::string, ModelBranch> branches;
    std::map<std::string, std::string> tags;

    const Contents& committed(const std::string& branch) const;
    Contents visible(const std::string& branch) const;
    bool dirty(const std::string& branch) const;
    std::set<std::string> ancestors(const std::string& commit) const;  // itself too
};

// Nothing on a conflict.
std::optional<Contents> model_merge(const Contents& source, const Contents& destination,
                                    const Contents& base, committed::Strategy strategy);

// Every line of a listing, without pages: "key=content", or "prefix/" alone.
std::vector<std::string> model_list(const Contents& contents, const ListQuery& query);

// Every line of a diff, without pages: "+key", "-key", "~key", "!" before conflicts.
std::vector<std::string> model_diff(const Contents& left, const Contents& right,
                                    const DiffQuery& query);
std::vector<std::string> model_incoming(const Contents& base, const Contents& left,
                                        const Contents& right);

std::string line_of(const ListItem& item);
std::string line_of(const DiffItem& item);

}  // namespace tarn::versions
