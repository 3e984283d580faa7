#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "kv/rocksdb/options.h"
#include "kv/step.h"

namespace tarn::kv::rocks {

// A row to be written; without a value, to be removed.
struct Change {
    std::string_view row;
    std::optional<std::string_view> value;
};

// How far a read may go: `memory` never touches the disk, `disk` blocks until it has an answer.
enum class Reach { memory, disk };

// What a read came to. `beyond`: the answer lies further than the reach.
enum class Found { value, nothing, beyond };

// The one place that calls RocksDB.
//
// Threads   Reads from any; `write` from one thread at a time.
// Errors    unavailable: the disk refused, or an earlier write failed. exhausted (detail
//           "storage_full"): the disk is full. corrupted: stored bytes are wrong.
class Database {
public:
    Database(const RocksdbOptions& options, const RocksdbSeams& seams);
    ~Database();

    Found find(std::string_view row, Reach reach, std::string& value);

    // Writes all or nothing; durable on return when `sync` is set. After a failure nothing is known
    // of the batch, and every later write is refused until the folder is opened anew.
    void write(std::span<const Change> changes);

    // As Store::scan; nothing when the answer lies beyond the reach.
    std::optional<std::vector<Pair>> scan(std::string_view partition, std::string_view from,
                                          int limit, Reach reach);

    // Up to `limit` row names of the partition, after `after` when it is not empty.
    std::vector<std::string> rows(std::string_view partition, std::string_view after, int limit);

    std::vector<std::string> partitions(std::string_view after, int limit);

    // A copy of the whole, as of now, in a folder that must not exist.
    void backup(const std::filesystem::path& folder);

private:
    struct Parts;
    std::unique_ptr<Parts> parts_;
};

}  // namespace tarn::kv::rocks
