#include "kv/testing/temp_folder.h"

#include <stdlib.h>

#include <string>

#include "base/error.h"

namespace tarn::kv {

TempFolder::TempFolder() {
    std::string name = std::filesystem::temp_directory_path() / "tarn-kv-XXXXXX";
    CHECK(mkdtemp(name.data()) != nullptr, "the temporary folder takes a new one");
    path_ = name;
}

TempFolder::~TempFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
}

}  // namespace tarn::kv
