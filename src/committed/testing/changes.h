#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "committed/trees.h"

namespace tarn::committed::testing {

using Records = std::map<std::string, Value>;
using Changes = std::map<std::string, std::optional<Value>>;

// Gives the changes of a map in batches of `batch`.
class MapChanges final : public ChangeSource {
public:
    explicit MapChanges(Changes changes, std::size_t batch = 7);
    explicit MapChanges(const Records& records, std::size_t batch = 7);
    Task<std::vector<Change>> next() override;

private:
    Changes changes_;
    Changes::const_iterator at_;
    std::size_t batch_;
};

// What a tree holds.
Task<Records> read_tree(Trees& trees, Tree tree);
// All differences, from the first at or after `from`.
Task<std::vector<DiffEntry>> read_diff(Trees& trees, Tree left, Tree right, std::string from);

// An identity of 32 bytes, and data, made from `content`.
Value value_of(std::string_view content);

}  // namespace tarn::committed::testing
