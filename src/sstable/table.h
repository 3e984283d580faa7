#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "sstable/block.h"

namespace tarn::sstable {

// What is kept of an opened range file: its properties and the top of its index.
// Threads  Immutable.
struct Table {
    std::uint64_t file_bytes = 0;
    std::map<std::string, std::string> properties;  // the user's: `type`, `count`, `min_key` …
    bool two_level_index = false;
    std::shared_ptr<const Block> index;

    std::size_t memory_bytes() const;
};

// Opens a range file without doing any reading itself:
//     TableOpener opener(file_bytes);
//     while (!opener.supply(<the bytes from opener.wanted_offset() to the end of the file>)) {}
// Usually the first stretch, some kilobytes, is enough.
// Errors  corrupted: this is no range file.
class TableOpener {
public:
    explicit TableOpener(std::uint64_t file_bytes);

    std::uint64_t wanted_offset() const { return wanted_; }
    // True when the table is complete.
    bool supply(std::string_view tail);
    std::shared_ptr<const Table> table() const { return table_; }

private:
    bool reaches(BlockHandle handle);
    std::shared_ptr<const Block> block(std::string_view tail, BlockHandle handle) const;

    std::uint64_t file_bytes_;
    std::uint64_t wanted_ = 0;
    std::shared_ptr<const Table> table_;
};

// Walks the records of a table in key order. It does no reading: where it needs a block that the
// caller has to find, it says so, and goes on when it is supplied:
//     auto at = cursor.seek(key);
//     while (at == TableCursor::At::block_wanted) at = cursor.supply(<block of cursor.wanted()>);
// Threads   One.
// Errors    corrupted. The cursor may not be used after that.
class TableCursor {
public:
    enum class At { record, end, block_wanted };

    explicit TableCursor(std::shared_ptr<const Table> table);

    At seek_first();
    // To the first record whose key is `key` or greater.
    At seek(std::string_view key);
    // To the next record. Requires At::record.
    At next();

    BlockHandle wanted() const { return wanted_; }
    // Whether that is a block of records, not of the index.
    bool wants_data() const { return wants_data_; }
    At supply(std::shared_ptr<const Block> block);

    // Requires At::record; valid until the cursor moves.
    std::string_view key() const { return data_.key(); }
    std::string_view value() const { return data_.value(); }

private:
    At descend();
    At want(std::string_view encoded_handle, bool data);
    bool position(BlockCursor& cursor);

    std::shared_ptr<const Table> table_;
    BlockCursor top_;
    BlockCursor partition_;  // the lower level of a two-level index
    BlockCursor data_;
    bool seeking_ = false;  // for target_, else for the first record
    std::string target_;
    bool wants_data_ = false;
    BlockHandle wanted_;
};

}  // namespace tarn::sstable
