#pragma once

#include <optional>
#include <vector>

#include "committed/testing/changes.h"

namespace tarn::committed::testing {

// What trees must do, said in the plainest way over maps.

Records model_apply(Records base, const Changes& changes, Summary& summary);

// Nothing on a conflict.
std::optional<Records> model_merge(const Records& source, const Records& destination,
                                   const Records& base, Strategy strategy);

std::vector<DiffEntry> model_diff(const Records& left, const Records& right);

Summary summary_of(const std::vector<DiffEntry>& differences);

}  // namespace tarn::committed::testing
