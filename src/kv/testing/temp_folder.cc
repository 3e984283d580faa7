#include "kv/testing/temp_folder.h"

#include <stdlib.h>
#include <unistd.h>

#include <string>

#include "base/error.h"

namespace tarn::kv {

TempFolder::TempFolder(const std::filesystem::path& parent) {
    std::string name = parent / "tarn-kv-XXXXXX";
    CHECK(mkdtemp(name.data()) != nullptr, "the temporary folder takes a new one");
    path_ = name;
}

TempFolder::~TempFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
}

std::filesystem::path fast_parent() {
    const std::filesystem::path memory = "/dev/shm";
    return access(memory.c_str(), W_OK) == 0 ? memory : std::filesystem::temp_directory_path();
}

}  // namespace tarn::kv
