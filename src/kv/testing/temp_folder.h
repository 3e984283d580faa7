#pragma once

#include <filesystem>

namespace tarn::kv {

// A new empty folder, removed with all that is in it at the end.
class TempFolder {
public:
    explicit TempFolder(
        const std::filesystem::path& parent = std::filesystem::temp_directory_path());
    ~TempFolder();
    TempFolder(const TempFolder&) = delete;
    TempFolder& operator=(const TempFolder&) = delete;

    const std::filesystem::path& path() const { return path_; }

private:
    std::filesystem::path path_;
};

// Where a folder costs no disk, for tests that make thousands; else the usual place.
std::filesystem::path fast_parent();

}  // namespace tarn::kv
