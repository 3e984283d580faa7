#include "committed/testing/folder.h"

#include <stdlib.h>

#include <string>
#include <system_error>

namespace tarn::committed::testing {

Folder::Folder() {
    std::string pattern = (std::filesystem::temp_directory_path() / "committed-XXXXXX").string();
    path_ = ::mkdtemp(pattern.data());
}

Folder::~Folder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
}

}  // namespace tarn::committed::testing
