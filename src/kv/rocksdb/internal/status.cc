#include "kv/rocksdb/internal/status.h"

#include <fmt/format.h>

namespace tarn::kv::rocks {

Error to_error(const rocksdb::Status& status, std::string_view doing) {
    if (status.IsNoSpace()) {
        return Error(
            Code::exhausted,
            fmt::format("embedded store: {}: the disk is full; free space and restart", doing),
            "storage_full");
    }
    const Code code = status.IsCorruption() ? Code::corrupted : Code::unavailable;
    return Error(code, fmt::format("embedded store: {}: {}", doing, status.ToString()));
}

}  // namespace tarn::kv::rocks
