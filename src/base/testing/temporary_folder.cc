#include "base/testing/temporary_folder.h"

#include <unistd.h>

#include <cstdlib>
#include <string>
#include <system_error>

#include "base/error.h"

namespace tarn {

TemporaryFolder::TemporaryFolder() : TemporaryFolder(std::filesystem::temp_directory_path()) {}

TemporaryFolder::TemporaryFolder(const std::filesystem::path& parent) {
    std::string name = parent / "tarn-XXXXXX";
    CHECK(::mkdtemp(name.data()) != nullptr, "a test may create folders");
    path_ = name;
}

TemporaryFolder TemporaryFolder::in_memory() {
    const std::filesystem::path memory = "/dev/shm";
    if (::access(memory.c_str(), W_OK) == 0) return TemporaryFolder(memory);
    return TemporaryFolder();
}

TemporaryFolder::~TemporaryFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
}

}  // namespace tarn
