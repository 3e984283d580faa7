#pragma once

#include <boost/json.hpp>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <optional>
#include <string>

namespace tarn::catalog {

// The vectors recorded from a running lakeFS, where they are at hand.
inline std::optional<boost::json::object> find_vectors() {
    const char* folder = std::getenv("TARN_GOLDEN_DIR");
    const std::string path = folder ? folder : TARN_SOURCE_DIR "/../shared/golden";
    std::ifstream file(path + "/vectors.json");
    if (!file) return std::nullopt;
    const std::string text{std::istreambuf_iterator<char>(file), {}};
    return boost::json::parse(text).as_object();
}

}  // namespace tarn::catalog
