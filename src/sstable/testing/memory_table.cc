#include "sstable/testing/memory_table.h"

namespace tarn::sstable::testing {

MemoryTable::MemoryTable(std::string_view file) : file_(file) {
    TableOpener opener(file.size());
    while (!opener.supply(file_.substr(opener.wanted_offset()))) {
    }
    table_ = opener.table();
}

TableCursor::At MemoryTable::settle(TableCursor& cursor, TableCursor::At at, int& blocks) const {
    while (at == TableCursor::At::block_wanted) {
        const BlockHandle handle = cursor.wanted();
        ++blocks;
        at = cursor.supply(
            Block::decode(file_.substr(handle.offset, handle.size + block_trailer_bytes)));
    }
    return at;
}

MemoryTable::Found MemoryTable::seek(std::string_view key) const {
    TableCursor cursor(table_);
    int blocks = 0;
    if (settle(cursor, cursor.seek(key), blocks) == TableCursor::At::end) return {};
    return {true, std::string(cursor.key()), std::string(cursor.value())};
}

std::vector<std::pair<std::string, std::string>> MemoryTable::records() const {
    std::vector<std::pair<std::string, std::string>> all;
    TableCursor cursor(table_);
    int blocks = 0;
    auto at = settle(cursor, cursor.seek_first(), blocks);
    while (at == TableCursor::At::record) {
        all.emplace_back(cursor.key(), cursor.value());
        at = settle(cursor, cursor.next(), blocks);
    }
    return all;
}

int MemoryTable::data_blocks() const {
    TableCursor cursor(table_);
    int blocks = 0;
    auto at = settle(cursor, cursor.seek_first(), blocks);
    while (at == TableCursor::At::record) at = settle(cursor, cursor.next(), blocks);
    return blocks;
}

}  // namespace tarn::sstable::testing
