#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"

namespace tarn::signature {

// "yyyymmddThhmmssZ" and back.
std::optional<Time> parse_timestamp(std::string_view text);
std::string format_timestamp(Time time);

// RFC 1123: "Wed, 31 Jan 2024 15:04:05 GMT", also with "+0000".
std::optional<Time> parse_http_date(std::string_view text);

}  // namespace tarn::signature
