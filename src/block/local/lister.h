#pragma once

#include <string>
#include <string_view>

#include "block/store.h"

namespace tarn::block {

struct ListRequest {
    std::string prefix;
    std::string after;
    int limit = 1000;
    bool digests = false;       // read each object and give its MD5 as ETag
    std::string_view hidden{};  // a name in the folder itself that is passed over
};

// The files below an open folder, in byte order of their keys, which are relative to it. Blocks.
// Symbolic links and special files are passed over.
// Errors  As throw_failure.
ListPage list_files(int folder, const ListRequest& request);

// Hex MD5 of a whole file. Blocks.
std::string md5_of_file(int file);

}  // namespace tarn::block
