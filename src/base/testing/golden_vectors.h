#pragma once

#include <boost/json.hpp>
#include <filesystem>
#include <optional>

#include "base/testing/golden.h"

namespace tarn {

// The vectors recorded from a running lakeFS; nothing where golden data is absent. Needs
// Boost.JSON.
inline std::optional<boost::json::object> find_vectors(const std::filesystem::path& source_dir) {
    const auto text = read_golden(source_dir, "vectors.json");
    if (!text) return std::nullopt;
    return boost::json::parse(*text).as_object();
}

}  // namespace tarn
