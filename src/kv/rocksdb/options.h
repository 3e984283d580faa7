#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>

namespace rocksdb {
class FileSystem;
}

namespace tarn::kv {

struct RocksdbOptions {
    std::filesystem::path folder;                 // made when missing; required
    std::size_t memory_bytes = 64 * 1024 * 1024;  // blocks and memtables in all; 4 MiB..64 GiB
    bool sync = true;                             // false: a power cut may lose what was answered
    std::size_t queue_operations_max = 4096;      // writes waiting or under way; 1..1M
    std::size_t queue_bytes_max = 64 * 1024 * 1024;   // their keys and values; 1 MiB..4 GiB
    std::chrono::milliseconds request_timeout{5000};  // 1 ms..10 min, for one write of a call
    std::uint64_t free_bytes_min = 32 * 1024 * 1024;  // a disk with less takes no more writes
};

// Where tests reach in; a server leaves all of it as it is.
struct RocksdbSeams {
    std::shared_ptr<rocksdb::FileSystem> file_system;  // null: the operating system's
    std::function<void()> before_batch;  // on the committer's thread, before a batch is decided
    bool compares_with_database_only =
        false;  // a seeded fault: conditions overlook their own batch
};

}  // namespace tarn::kv
