#pragma once

#include <string>
#include <string_view>

#include "committed/trees.h"

namespace tarn::committed {

// Whether `id` can be the name of a file: letters and digits only, not too long.
bool is_file_id(std::string_view id);

// The value of a metarange's record: the id of a range and what is said of it.
std::string range_record(const RangeInfo& range);

// The range in a metarange's record. Errors  corrupted.
RangeInfo parse_range_record(std::string_view value);

}  // namespace tarn::committed
