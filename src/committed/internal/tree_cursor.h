#pragma once

#include <optional>
#include <string_view>

#include "committed/internal/record_cursor.h"
#include "committed/internal/tables.h"
#include "committed/trees.h"

namespace tarn::committed {

// Walks a tree either range by range or record by record. It stands at the *header* of a range,
// from where the range may be entered or skipped whole, or at a *record* of an entered range, or at
// the end. Threads  One.
class TreeCursor {
public:
    TreeCursor(Tables& tables, Tree tree, Reading reading);

    // To the header of the first range.
    Task<void> start();
    // To the header of the first range that begins at or after `key`, or, where `key` lies between
    // the borders of a range, to the first record at or after it.
    Task<void> seek(std::string_view key);

    bool at_end() const { return place_ == Place::end; }
    bool at_header() const { return place_ == Place::header; }
    bool at_record() const { return place_ == Place::record; }

    // The range that it stands at or in. Requires !at_end().
    const RangeInfo& range() const { return range_; }
    // Requires at_record(); valid until the cursor moves.
    const RecordView& record() const { return record_; }

    // From a record to the next of the same range in a plain call. False when that needs next().
    bool step();
    // From a header into the range; from a record to the next one, or to the header after its
    // range.
    Task<void> next();
    // To the header of the next range.
    Task<void> skip();

private:
    enum class Place { header, record, end };

    Task<void> open();
    Task<void> enter();
    void arrive(RecordCursor::At at);
    void take_header(RecordCursor::At at);

    Tables& tables_;
    Tree tree_;
    Reading reading_;
    std::optional<RecordCursor> headers_;
    std::optional<RecordCursor> records_;      // of the entered range
    std::optional<RecordCursor::At> pending_;  // where a failed step() left records_
    Place place_ = Place::end;
    RangeInfo range_;
    RecordView record_;
};

}  // namespace tarn::committed
