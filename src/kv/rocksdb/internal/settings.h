#pragma once

#include <rocksdb/options.h>

#include "kv/rocksdb/options.h"

namespace tarn::kv::rocks {

// RocksDB's own options for ours; `env` may be null.
rocksdb::Options settings(const RocksdbOptions& options, rocksdb::Env* env);

}  // namespace tarn::kv::rocks
