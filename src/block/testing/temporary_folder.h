#pragma once

#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <string>

#include "base/error.h"

namespace tarn::block {

// A new folder for a test, removed with all that is in it.
class TemporaryFolder {
public:
    TemporaryFolder() : TemporaryFolder(std::filesystem::temp_directory_path()) {}

    // In memory where the machine has a file system for that: for tests of thousands of files,
    // which a disk is slow to delete.
    static TemporaryFolder in_memory() {
        const std::filesystem::path memory = "/dev/shm";
        if (::access(memory.c_str(), W_OK) == 0) return TemporaryFolder(memory);
        return TemporaryFolder();
    }

    explicit TemporaryFolder(const std::filesystem::path& parent) {
        std::string name = (parent / "tarn-XXXXXX").string();
        CHECK(::mkdtemp(name.data()) != nullptr, "a test may create folders");
        path_ = std::move(name);
    }
    ~TemporaryFolder() {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }
    TemporaryFolder(const TemporaryFolder&) = delete;
    TemporaryFolder& operator=(const TemporaryFolder&) = delete;

    const std::string& path() const { return path_; }

private:
    std::string path_;
};

}  // namespace tarn::block
