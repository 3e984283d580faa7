#pragma once

#include <rocksdb/status.h>

#include <string_view>

#include "base/error.h"

namespace tarn::kv::rocks {

// Ours for RocksDB's: corrupted bytes, a full disk (exhausted, detail "storage_full"), else a store
// that does not answer.
Error to_error(const rocksdb::Status& status, std::string_view doing);

// Throws unless `status` is fine.
inline void require(const rocksdb::Status& status, std::string_view doing) {
    if (!status.ok()) throw to_error(status, doing);
}

}  // namespace tarn::kv::rocks
