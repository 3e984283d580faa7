#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "block/store.h"

namespace tarn::s3 {

// What a Range field asks of an object of `size` bytes.
struct RangeRequest {
    bool is_satisfiable = true;
    std::optional<block::Range> range;  // nothing: the whole object
};

// Only one range in bytes counts; everything else is as if it were not there (RFC 9110 14.2).
RangeRequest parse_range(std::string_view field, std::uint64_t size);

// x-amz-copy-source-range: "bytes=first-last", both given. Nothing when it is not of that form.
std::optional<block::Range> parse_copy_range(std::string_view field);

}  // namespace tarn::s3
