#pragma once

#include <memory>
#include <string>
#include <vector>

#include "versions/compare.h"
#include "versions/internal/view.h"

namespace tarn::versions {

// Differences in key order, whatever they are between.
class Differences {
public:
    virtual ~Differences() = default;
    // To the first difference at or after `key`; false at the end.
    virtual Task<bool> seek(std::string key) = 0;
    virtual Task<bool> next() = 0;
    // The difference; may be moved from.
    virtual DiffItem& item() = 0;
};

// From one tree to another.
std::unique_ptr<Differences> committed_differences(Stores& stores, committed::Tree left,
                                                   committed::Tree right);

// What `right` brings since `base`; in conflict where `left` has changed the same key otherwise,
// left out where it has changed it alike.
std::unique_ptr<Differences> incoming_differences(Stores& stores, committed::Tree base,
                                                  committed::Tree left, committed::Tree right);

// From `left` to `head` with the staged changes of `tokens` over it.
std::unique_ptr<Differences> staged_differences(Stores& stores, committed::Tree left,
                                                committed::Tree head,
                                                std::vector<std::string> tokens);

// One page; differences under a common prefix become one item, by seeking past them.
Task<DiffPage> page_of(Differences& differences, const DiffQuery& query);

}  // namespace tarn::versions
