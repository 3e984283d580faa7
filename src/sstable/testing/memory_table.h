#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "sstable/table.h"

namespace tarn::sstable::testing {

// A table over a whole file in memory, for tests.
class MemoryTable {
public:
    // `file` must outlive this.
    explicit MemoryTable(std::string_view file);

    const Table& table() const { return *table_; }

    // The record at or after `key`; an empty pair of false when there is none.
    struct Found {
        bool found = false;
        std::string key;
        std::string value;
    };
    Found seek(std::string_view key) const;

    // All records, in order.
    std::vector<std::pair<std::string, std::string>> records() const;

    // How many data blocks a walk over everything reads.
    int data_blocks() const;

private:
    TableCursor::At settle(TableCursor& cursor, TableCursor::At at, int& blocks) const;

    std::string_view file_;
    std::shared_ptr<const Table> table_;
};

}  // namespace tarn::sstable::testing
