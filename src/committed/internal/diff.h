#pragma once

#include <memory>

#include "committed/internal/tables.h"
#include "committed/internal/tree_cursor.h"
#include "committed/trees.h"

namespace tarn::committed {

// Walks two trees side by side from difference to difference. Ranges of one id on both sides, and
// records of one identity, are passed over.
class Differences {
public:
    Differences(Tables& tables, Tree left, Tree right);

    Task<void> start();
    Task<void> seek(std::string_view key);
    // Finds the next difference from where the cursors stand; false at the end. To go on behind
    // one, pass() it.
    Task<bool> find();
    Task<void> pass();

    DiffType type() const { return type_; }
    // Views of the sides that the type has; valid until the next call.
    const RecordView& left() const { return left_.record(); }
    const RecordView& right() const { return right_.record(); }

private:
    Task<void> pass_headers();
    Task<void> step(TreeCursor& cursor);

    TreeCursor left_;
    TreeCursor right_;
    DiffType type_ = DiffType::added;
};

std::unique_ptr<DiffIterator> make_diff(Tables& tables, Tree left, Tree right);

// How many records differ, from `left` to `right`.
Task<Summary> count_differences(Tables& tables, Tree left, Tree right);
// The same of two ranges.
Task<Summary> count_range_differences(Tables& tables, std::string storage_namespace, RangeInfo left,
                                      RangeInfo right);

}  // namespace tarn::committed
