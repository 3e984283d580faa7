#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/workers.h"
#include "block/store.h"
#include "committed/internal/clock_cache.h"
#include "committed/internal/disk_cache.h"
#include "committed/internal/file_bytes.h"
#include "committed/internal/flight.h"
#include "committed/trees.h"
#include "sstable/table.h"

namespace tarn::committed {

enum class Kind { range, metarange };

// A range file that has been opened, and where its bytes come from.
struct OpenTable {
    std::uint64_t number = 0;  // unique in the process; part of the keys of its blocks
    std::string storage_namespace;
    std::string id;
    Kind kind = Kind::range;
    std::shared_ptr<const sstable::Table> table;
    std::unique_ptr<FileBytes> bytes;
    bool from_disk_cache = false;
};

// Opens range files and finds their blocks: in memory, else in place on the local disk (a local
// store's own file, or a copy in the disk cache), else in the object store.
// Threads  Any.
// Errors   not_found (detail "no_such_range"); corrupted.
class Tables {
public:
    Tables(block::Store& store, Workers& workers, const TreesOptions& options);

    std::string address_of(std::string_view id) const;

    // The table where it is open already.
    std::shared_ptr<const OpenTable> find_open(std::string_view storage_namespace,
                                               std::string_view id);
    Task<std::shared_ptr<const OpenTable>> open(std::string storage_namespace, std::string id,
                                                Kind kind);

    // The block where it can be had without waiting.
    std::shared_ptr<const sstable::Block> find_block(const OpenTable& table,
                                                     sstable::BlockHandle handle);
    Task<std::shared_ptr<const sstable::Block>> block(std::shared_ptr<const OpenTable> table,
                                                      sstable::BlockHandle handle);

    // Stores a finished file, unless it is known to be there.
    Task<void> put(std::string storage_namespace, std::string id, Kind kind,
                   std::shared_ptr<const std::string> bytes);
    Task<bool> exists(std::string storage_namespace, std::string id);

private:
    struct BlockKey {
        std::uint64_t table;
        std::uint64_t offset;
        friend bool operator==(const BlockKey&, const BlockKey&) = default;
    };
    struct BlockKeyHash {
        std::size_t operator()(const BlockKey& key) const {
            return (key.table * 0x9e3779b97f4a7c15ULL) ^ (key.offset * 0xc2b2ae3d27d4eb4fULL);
        }
    };

    block::Address address(const OpenTable& table) const;
    DiskCache* disk(Kind kind) const;
    Task<std::shared_ptr<const OpenTable>> open_anew(std::string storage_namespace, std::string id,
                                                     Kind kind);
    Task<std::unique_ptr<FileBytes>> fetch(OpenTable& table);
    Task<void> read_table(OpenTable& table);
    Task<bool> read_cached_table(OpenTable& table);
    std::shared_ptr<const sstable::Block> keep(const OpenTable& table, sstable::BlockHandle handle,
                                               std::string_view stored);

    block::Store& store_;
    Workers& workers_;
    std::string prefix_;
    std::unique_ptr<DiskCache> range_files_;      // none without a folder, or over a local store
    std::unique_ptr<DiskCache> metarange_files_;  // the same
    std::atomic<std::uint64_t> next_number_ = 1;
    ClockCache<std::string, OpenTable, std::hash<std::string>> open_;
    ClockCache<BlockKey, sstable::Block, BlockKeyHash> blocks_;
    ClockCache<std::string, bool, std::hash<std::string>> known_;  // files seen in the store
    Flights<OpenTable> opening_;
};

}  // namespace tarn::committed
