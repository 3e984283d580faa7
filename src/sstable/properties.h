#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "sstable/block.h"

namespace tarn::sstable {

constexpr std::string_view properties_block_name = "rocksdb.properties";

// What the writer knows about a table when all of its blocks but these are written.
struct TableFacts {
    std::uint64_t data_bytes = 0;
    std::uint64_t index_bytes = 0;
    std::uint64_t data_blocks = 0;
    std::uint64_t entries = 0;
    std::uint64_t raw_key_bytes = 0;
    std::uint64_t raw_value_bytes = 0;
    std::uint64_t index_partitions = 0;  // 0: the index has one level
    std::uint64_t top_index_bytes = 0;
};

// The properties block: those of the table and the user's, sorted together.
std::string build_properties(const std::map<std::string, std::string>& user,
                             const TableFacts& facts);

struct TableProperties {
    std::map<std::string, std::string> user;  // without those named "rocksdb.…"
    bool two_level_index = false;
};

// Errors  corrupted.
TableProperties parse_properties(std::shared_ptr<const Block> block);

}  // namespace tarn::sstable
