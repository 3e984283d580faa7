#include "server/kv_store.h"

#include "base/error.h"

#include "kv/memory/memory_store.h"
#include "kv/postgres/postgres_store.h"
#include "kv/rocksdb/rocksdb_store.h"

namespace tarn::server {

std::unique_ptr<kv::Store> open_kv_store(const Options& options, Workers& workers) {
    switch (options.kv_type) {
        case KvType::local:
            return std::make_unique<kv::RocksdbStore>(options.kv, workers);
        case KvType::postgres:
            return std::make_unique<kv::PostgresStore>(options.postgres, workers);
        case KvType::mem:
            return std::make_unique<kv::MemoryStore>();
    }
    check_failed("type", "every kind of store has a driver", __FILE__, __LINE__);
}

}  // namespace tarn::server
