#pragma once

#include "committed/internal/tables.h"
#include "committed/internal/tree_writer.h"
#include "committed/trees.h"

namespace tarn::committed {

// Changes of a source one at a time.
class ChangeCursor {
public:
    explicit ChangeCursor(ChangeSource& source) : source_(source) {}

    // To the first, or the next; at_end() after the last.
    Task<void> next();
    bool at_end() const { return at_ >= batch_.size(); }
    const Change& change() const { return batch_[at_]; }

private:
    ChangeSource& source_;
    std::vector<Change> batch_;
    std::size_t at_ = 0;
};

// Writes `base` with `changes` applied into `writer`, without finishing it. Ranges that end before
// the next change are taken whole; any other is rewritten, even when the change lies before it.
Task<Summary> apply_changes(Tables& tables, Tree base, ChangeSource& changes, TreeWriter& writer);

}  // namespace tarn::committed
