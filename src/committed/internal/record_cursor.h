#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "committed/internal/tables.h"
#include "committed/value.h"
#include "sstable/table.h"

namespace tarn::committed {

// How the records of a table are going to be read.
enum class Reading {
    sparse,  // a few of them: block by block, through the cache
    whole    // most of them: in long stretches that pass the cache by
};

// Walks the records of one table in plain calls, as long as its blocks are at hand:
//     auto at = cursor.seek(key);
//     if (at == RecordCursor::At::waiting) at = co_await cursor.wait();
// Threads  One.
// Errors   As Tables.
class RecordCursor {
public:
    enum class At { record, end, waiting };

    RecordCursor(Tables& tables, std::shared_ptr<const OpenTable> table, Reading reading);

    At seek_first();
    At seek(std::string_view key);
    // Requires At::record.
    At next();
    // Fetches what is missing; never At::waiting. Requires At::waiting.
    Task<At> wait();

    // Requires At::record; valid until the cursor moves.
    std::string_view key() const { return cursor_.key(); }
    std::string_view value() const { return cursor_.value(); }
    RecordView record() const;

private:
    At settle(sstable::TableCursor::At at);
    std::shared_ptr<const sstable::Block> block_at_hand();
    std::shared_ptr<const sstable::Block> block_ahead() const;
    std::uint64_t ahead_bytes() const;

    Tables& tables_;
    std::shared_ptr<const OpenTable> table_;
    Reading reading_;
    sstable::TableCursor cursor_;
    std::string ahead_;  // a stretch of the file, read ahead
    std::uint64_t ahead_offset_ = 0;
};

}  // namespace tarn::committed
