#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <list>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>

namespace tarn::kv::rocks {

// Small rows read lately, such as branch records, kept equal to the database.
//
// Shape     A row enters when it is read and stays written-through until it is the longest unused.
// A row
//           that is being written leaves before the write becomes visible and returns after it, so
//           that what is found here is never older than what the database answers.
// Limits    `budget_bytes` in all, values up to `value_bytes_max`; a budget of 0 keeps nothing.
// Threads   Any may read; only the committer calls begin_write and end_write.
class HotRows {
public:
    static constexpr std::size_t value_bytes_max = 4096;

    explicit HotRows(std::size_t budget_bytes);

    // Permission to remember what is read from the database next; void once the row is written.
    struct Ticket {
        std::size_t hash = 0;
        std::uint64_t writes = 0;
        bool idle = false;  // no write of the row was under way
    };

    // True, with the value, when the row is kept; otherwise a ticket for `remember`.
    bool find(std::string_view row, std::string& value, Ticket& ticket);
    void remember(std::string_view row, std::string_view value, const Ticket& ticket);

    // Around a write of the row: the first tells whether the row was kept, the second puts the new
    // value back when told to.
    bool begin_write(std::string_view row);
    void end_write(std::string_view row, const std::string_view* keep);

    std::size_t bytes() const;

private:
    struct Entry {
        std::string row;
        std::string value;
    };
    struct Writes {
        std::uint64_t begun = 0;
        std::uint64_t ended = 0;
    };
    // One slice of the rows by hash. `writes` counts per group of rows, finely enough that
    // strangers seldom void each other's tickets.
    struct Shard {
        mutable std::mutex mutex;
        std::list<Entry> by_use;  // latest first
        std::unordered_map<std::string_view, std::list<Entry>::iterator>
            by_row;  // views into by_use
        std::size_t bytes = 0;
        std::array<Writes, 64> writes;
    };

    static constexpr std::size_t shards_count = 16;

    Shard& shard_of(std::size_t hash) { return shards_[hash % shards_count]; }
    static Writes& writes_of(Shard& shard, std::size_t hash) {
        return shard.writes[(hash / shards_count) % shard.writes.size()];
    }
    void insert(Shard& shard, std::string_view row, std::string_view value) const;
    static void erase(Shard& shard, std::list<Entry>::iterator entry);

    const std::size_t shard_bytes_max_;
    std::array<Shard, shards_count> shards_;
};

}  // namespace tarn::kv::rocks
