#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace tarn::block {

struct LocalOptions {
    std::string root;                                      // an existing folder; required
    std::uint64_t free_bytes_min = 256 * 1024 * 1024;      // puts that would leave less are refused
    std::vector<std::string> allowed_external_prefixes{};  // folders that full addresses may name
    bool import_enabled = false;                           // whether imports are offered to clients
};

}  // namespace tarn::block
