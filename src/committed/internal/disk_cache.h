#pragma once

#include <cstdint>
#include <filesystem>
#include <list>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>

#include "base/stream.h"
#include "base/task.h"
#include "base/workers.h"

namespace tarn::committed {

// Whole files of the object store, kept in a folder of the local disk.
//
// Shape     A file is called "<name>-<size>-<CRC-32C>", so that a restarted server knows what it
// has
//           and finds out, at the first use, whether it is still intact. It gets that name by a
//           rename when it is complete; "tmp-…" is what a crash left.
// Limits    `budget_bytes` in all; the least recently used files are removed. One that is open
// stays
//           readable.
// Threads   Any. The caller sees to it that no two fill one name at the same time (Flights).
// Errors    None of the disk: what cannot be read is absent, what cannot be written is not kept.
class DiskCache {
public:
    DiskCache(std::filesystem::path folder, std::uint64_t budget_bytes, Workers& workers);

    // The file, or nothing when it is not kept or damaged (which removes it).
    Task<std::optional<FileRange>> find(std::string name);
    // Keeps what `source` gives; nothing when the disk does not take it.
    Task<std::optional<FileRange>> fill(std::string name, ByteSource& source);
    void remove(const std::string& name);

    std::uint64_t bytes() const;

private:
    struct Kept {
        std::string name;
        std::uint64_t size;
        std::uint32_t crc;
        bool verified;  // by this process
    };
    using Order = std::list<Kept>;

    void scan();
    std::filesystem::path path_of(const Kept& kept) const;
    std::optional<Kept> look_up(const std::string& name);
    std::optional<FileRange> open(const Kept& kept);
    void keep(Kept kept);
    void forget(std::unordered_map<std::string, Order::iterator>::iterator found);
    void make_room();

    std::filesystem::path folder_;
    std::uint64_t budget_bytes_;
    Workers& workers_;
    mutable std::mutex mutex_;
    Order order_;  // most recently used first
    std::unordered_map<std::string, Order::iterator> index_;
    std::uint64_t bytes_ = 0;
};

}  // namespace tarn::committed
