#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/workers.h"
#include "kv/rocksdb/options.h"
#include "kv/store.h"

namespace tarn::kv {

// The embedded store: one folder, one server, nothing to install beside it.
//
// Shape     As Store. Consecutive writes of one call go together, durable before they are visible.
//           Small rows lately read are answered from memory (internal/hot_rows.h), other reads from
//           RocksDB's memory in place, and only what lies on disk costs a hop to a worker.
// Limits    As RocksdbOptions. Reads that wait for a worker are bounded like writes.
// Threads   As Store. One thread of its own writes.
// Lifetime  `workers` must outlive it, and it all its calls. Opening blocks; the folder is locked.
// Errors    As Store, and from the constructor: invalid_argument: the folder holds something else.
//           unimplemented: a newer Tarn wrote it. corrupted: its bytes are wrong. unavailable: the
//           disk refused, or another process has it open. After a failed write, writes are
//           `unavailable` until the folder is opened anew.
// Source    docs/formats/kv.md
class RocksdbStore final : public Store {
public:
    RocksdbStore(const RocksdbOptions& options, Workers& workers);
    RocksdbStore(const RocksdbOptions& options, Workers& workers, const RocksdbSeams& seams);
    ~RocksdbStore() override;

    Task<std::vector<Result>> run(std::span<const Step> steps) override;
    Task<std::vector<Pair>> scan(std::string_view partition, std::string_view from,
                                 int limit) override;
    Task<void> drop(std::string_view partition) override;
    Task<std::vector<std::string>> partitions(std::string_view after, int limit) override;

    // Copies everything, as of now, into a folder that must not exist yet, while others go on. The
    // copy is opened like any store. Errors  already_exists, unavailable.
    Task<void> backup(std::filesystem::path folder);

private:
    struct Parts;
    std::unique_ptr<Parts> parts_;
};

}  // namespace tarn::kv
