#pragma once

#include <fmt/format.h>

#include <map>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/error.h"

namespace tarn::catalog {

// Refuses what a record could hold but no reader would take back: its texts are UTF-8.
// Errors  invalid_argument (detail "invalid_utf8").
inline void require_text(std::string_view text, std::string_view what) {
    if (is_utf8(text)) return;
    throw Error(Code::invalid_argument, fmt::format("{} is not valid UTF-8", what), "invalid_utf8");
}

inline void require_text(const std::map<std::string, std::string>& metadata) {
    for (const auto& [name, value] : metadata) {
        require_text(name, "a metadata name");
        require_text(value, "a metadata value");
    }
}

}  // namespace tarn::catalog
