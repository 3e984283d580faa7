#pragma once

#include "committed/internal/tables.h"
#include "committed/internal/tree_writer.h"
#include "committed/trees.h"

namespace tarn::committed {

struct MergeTrees {
    Tree source;
    Tree destination;
    Tree base;
};

// Writes the three-way merge into `writer`, without finishing it, and counts what changes for the
// destination. Ranges that only one side touched are taken or left whole.
// Errors  conflict (detail "merge_conflict"): both sides changed a key, and no strategy decides.
Task<Summary> merge_trees(Tables& tables, MergeTrees trees, Strategy strategy, TreeWriter& writer);

}  // namespace tarn::committed
