#pragma once

#include <filesystem>

namespace tarn {

// A new empty folder for a test, removed with all that is in it.
class TemporaryFolder {
public:
    TemporaryFolder();
    explicit TemporaryFolder(const std::filesystem::path& parent);
    // In memory where the machine has a file system for that: for tests of thousands of files,
    // which a disk is slow to delete.
    static TemporaryFolder in_memory();
    ~TemporaryFolder();
    TemporaryFolder(const TemporaryFolder&) = delete;
    TemporaryFolder& operator=(const TemporaryFolder&) = delete;

    const std::filesystem::path& path() const { return path_; }

private:
    std::filesystem::path path_;
};

}  // namespace tarn
