#pragma once

#include <string_view>

namespace tarn::server {

// The version of this program.
inline constexpr std::string_view version = "0.1.0";

}  // namespace tarn::server
