#pragma once

#include <string_view>

#include "base/clock.h"

namespace tarn::api {

// The instant of a text that matches Pattern::date_time; without a zone it is UTC.
Time parse_time(std::string_view text);

}  // namespace tarn::api
