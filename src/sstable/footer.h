#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "sstable/block.h"

namespace tarn::sstable {

constexpr std::uint64_t footer_bytes = 53;

// The end of a range file: where its index and the list of its further blocks lie.
struct Footer {
    BlockHandle metaindex;
    BlockHandle index;
};

void append_footer(std::string& out, const Footer& footer);

// Reads the last `footer_bytes` of a file of `file_bytes`.
// Errors  corrupted: no footer of this format, or handles that do not lie within the file.
Footer parse_footer(std::string_view bytes, std::uint64_t file_bytes);

// Errors  corrupted: block and trailer do not lie within a file of `file_bytes`.
void check_handle(BlockHandle handle, std::uint64_t file_bytes);

}  // namespace tarn::sstable
