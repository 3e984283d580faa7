#pragma once

#include <string>
#include <string_view>

namespace tarn::sstable {

// What follows a user key in a stored key: a sequence number and a kind, 8 bytes.
std::string_view record_trailer();     // number 0, kind "set"
std::string_view separator_trailer();  // the highest number, kind "separator"

// The stored index key between `last`, the last key of a block, and `next`, the first of the next:
// at least `last`, below `next`, and short.
std::string separator_between(std::string_view last, std::string_view next);

// The stored index key for the last block of all.
std::string successor_of(std::string_view last);

}  // namespace tarn::sstable
