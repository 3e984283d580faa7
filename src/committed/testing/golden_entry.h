#pragma once

#include <cstdint>
#include <string>

#include "committed/value.h"

namespace tarn::committed::testing {

// An entry as the golden data describes it: full address, no metadata.
struct GoldenEntry {
    std::string address;
    std::int64_t modified_seconds = 0;
    std::int64_t size = 0;
    std::string checksum;
    std::string content_type;
};

// Its identity and record bytes.
Value golden_value(const GoldenEntry& entry);

}  // namespace tarn::committed::testing
