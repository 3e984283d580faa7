#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>

#include "base/testing/temporary_folder.h"
#include "base/workers.h"
#include "kv/rocksdb/rocksdb_store.h"
#include "kv/testing/store_contract.h"

namespace tarn::kv {

class PowerLossFileSystem;

// Lets a committer pass, or holds it before its next batch.
class Gate {
public:
    void close();
    void open();
    void pass();  // waits while closed

private:
    std::mutex mutex_;
    std::condition_variable opened_;
    bool closed_ = false;
};

// A RocksDB store in a folder of its own, with its workers.
struct OpenedRocksdb {
    explicit OpenedRocksdb(const RocksdbOptions& given = {}, const RocksdbSeams& seams = {});
    ~OpenedRocksdb();

    // Closes the store and opens the folder anew.
    void reopen();

    TemporaryFolder folder = TemporaryFolder::in_memory();
    RocksdbOptions options;
    RocksdbSeams seams;
    Gate gate;
    Workers workers{2};
    std::unique_ptr<RocksdbStore> store;
};

// For the contract suites.
OpenedStore open_rocksdb(const ContractLimits& limits);

}  // namespace tarn::kv
