#pragma once

#include <filesystem>
#include <string>

#include "base/secret.h"

namespace tarn::server {

// The folder that one server process owns while it runs.
// Lifetime  The lock is held until destruction, and falls with the process however it ends.
// Errors    already_exists: another process holds it; the message names its pid. invalid_argument:
// the
//           folder cannot be made or written.
class DataFolder {
public:
    // Makes the folder where it is missing, and locks it.
    explicit DataFolder(std::filesystem::path path);
    ~DataFolder();
    DataFolder(const DataFolder&) = delete;
    DataFolder& operator=(const DataFolder&) = delete;

    const std::filesystem::path& path() const { return path_; }

    // The secret kept in the folder (file `secret`, readable by its owner only), made at the first
    // call: 64 hexadecimal digits.
    Secret secret() const;

private:
    std::filesystem::path path_;
    int lock_;
};

// `~/.local/share/tarn`, or below $XDG_DATA_HOME where that is set.
std::filesystem::path standard_data_folder();

}  // namespace tarn::server
