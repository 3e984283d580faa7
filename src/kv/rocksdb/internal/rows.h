#pragma once

#include <string>
#include <string_view>

#include "kv/step.h"

namespace tarn::kv::rocks {

// How partition and key become one RocksDB key ("row name"), so that rows sort by partition, then
// key. Shape   The partition with every byte 00 written as 00 FF, then 00 01, then the key as it
// is. Source  docs/formats/kv.md

// The row name of a key.
std::string row_name(std::string_view partition, std::string_view name);
inline std::string row_name(const Key& key) {
    return row_name(key.partition, key.name);
}

// What every row of the partition begins with, and the first row name after all of them.
std::string partition_begin(std::string_view partition);
std::string partition_end(std::string_view partition);

// The partition of a row. Errors  corrupted: the bytes are no row name.
std::string partition_of(std::string_view row);

}  // namespace tarn::kv::rocks
