#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "base/digest.h"
#include "sstable/block.h"
#include "sstable/builder.h"

namespace tarn::sstable {

using UserProperties = std::map<std::string, std::string>;

// A finished range file and what is said about it elsewhere.
struct Written {
    std::string bytes;
    std::string id;  // 64 hexadecimal digits
    std::string min_key;
    std::string max_key;
    std::int64_t count = 0;
    std::uint64_t estimated_size = 0;
};

// Writes one range file in memory: the same bytes, id and estimated size as lakeFS 1.84.
// Shape     Records in strictly ascending key order; a value is any bytes (an envelope, usually).
// Limits    The file is held whole: ranges are closed at 20 MiB by default (Splitter).
// Threads   One.
// Errors    invalid_argument: a key out of order.
// Source    docs/formats/committed.md
class Writer {
public:
    // `properties` become part of the id and of the file; `type` is `ranges` or `metaranges`.
    explicit Writer(UserProperties properties);

    void add(std::string_view key, std::string_view value);

    std::int64_t count() const { return count_; }
    const std::string& last_key() const { return last_key_; }
    // What splitting and metaranges go by; not monotonic, since compression shrinks what is
    // flushed.
    std::uint64_t estimated_size() const;

    // Ends the file. Nothing may follow.
    Written finish();

private:
    void hash(std::string_view key, std::string_view value);
    void flush_data_block(const std::string& separator);
    void add_index_entry(const std::string& separator, BlockHandle handle);
    void close_partition();
    BlockHandle write_indexes();
    std::string properties_block(std::uint64_t estimated_size) const;
    BlockHandle write_block(std::string_view raw, bool compress);

    UserProperties properties_;
    std::string out_;
    BlockBuilder data_{16};
    BlockBuilder index_{1};

    struct Partition {
        std::string last_separator;
        std::string raw;
    };
    std::vector<Partition> partitions_;
    std::string last_separator_;  // of the current index block

    std::string first_key_;
    std::string last_key_;
    std::string internal_key_;  // the key and its trailer, as stored
    std::string compressed_;
    std::int64_t count_ = 0;
    std::uint64_t raw_key_bytes_ = 0;
    std::uint64_t raw_value_bytes_ = 0;
    std::uint64_t data_blocks_ = 0;
    std::uint64_t data_bytes_ = 0;  // of all flushed data blocks, with trailers
    std::uint64_t index_raw_bytes_ = 0;
    std::uint64_t top_index_raw_bytes_ = 0;

    Sha256 sha256_;
    std::string hash_input_;  // gathered for sha256_
};

// When a range is closed: by its size, or where the hash of a key says so, which makes borders
// settle at the same keys whatever was inserted before them.
struct Splitter {
    std::uint64_t size_bytes_min = 0;
    std::uint64_t size_bytes_max = 20'971'520;
    std::uint64_t raggedness_entries = 50'000;  // mean number of entries of a range

    // Whether the range ends after the record `key`, just added.
    bool closes_after(std::string_view key, std::uint64_t estimated_size) const;
};

}  // namespace tarn::sstable
