#pragma once

#include <filesystem>
#include <optional>
#include <string>

namespace tarn {

// The golden file `name`, whole; nothing where golden data is absent.
std::optional<std::string> read_golden(const std::filesystem::path& source_dir,
                                       const std::string& name);

// The folder that holds golden data, whether it exists or not.
std::filesystem::path golden_dir(const std::filesystem::path& source_dir);

}  // namespace tarn
