#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace tarn::sstable {

// Where a block lies in its file; the trailer of `block_trailer_bytes` follows it.
struct BlockHandle {
    std::uint64_t offset = 0;
    std::uint64_t size = 0;  // as stored, without the trailer

    friend bool operator==(const BlockHandle&, const BlockHandle&) = default;
};

constexpr std::uint64_t block_trailer_bytes = 5;  // compression and checksum
// More than any writer makes: a record is at most two envelope parts and a key.
constexpr std::uint64_t block_bytes_max = 128 * 1024 * 1024;

// Takes a handle from the front of `bytes`; false when malformed.
bool take_handle(std::string_view& bytes, BlockHandle& handle);
void append_handle(std::string& out, BlockHandle handle);

// The checksum of a stored block: masked CRC-32C over its bytes and the compression byte.
std::uint32_t block_checksum(std::string_view bytes, char compression);

// A block as read and decompressed: entries with shared key prefixes, and restart points.
// Threads  Immutable; shared by cursors of any thread.
class Block {
public:
    // Decodes `stored`, which is the block and its trailer.
    // Errors  corrupted: the checksum, the compression or the restart array is wrong.
    static std::shared_ptr<const Block> decode(std::string_view stored);
    // A block that is not compressed and has no trailer, such as one just built.
    static std::shared_ptr<const Block> of(std::string raw);

    std::string_view entries() const { return {raw_.data(), entries_bytes_}; }
    std::uint32_t restarts() const { return restarts_; }
    // The offset of a restart point in `entries()`. Requires index < restarts().
    std::uint32_t restart(std::uint32_t index) const;
    std::size_t memory_bytes() const { return sizeof(Block) + raw_.capacity(); }

private:
    explicit Block(std::string raw);

    std::string raw_;
    std::size_t entries_bytes_ = 0;
    std::uint32_t restarts_ = 0;
};

// Walks the entries of a block in plain calls, restoring keys in a buffer of its own.
// Shape   `key_suffix` bytes at the end of each key (8 in data and index blocks, 0 in others) are
//         kept out of key().
// Errors  corrupted: an entry does not fit its block.
class BlockCursor {
public:
    explicit BlockCursor(std::size_t key_suffix) : key_suffix_(key_suffix) {}

    // Stands before the first entry of `block`.
    void reset(std::shared_ptr<const Block> block);
    void clear();
    bool has_block() const { return block_ != nullptr; }

    // To the next entry; false at the end.
    bool next();
    // To the first entry whose key is `key` or greater; false when there is none.
    bool seek(std::string_view key);

    std::string_view key() const { return {key_.data(), key_.size() - key_suffix_}; }
    std::string_view value() const { return value_; }

private:
    std::string_view restart_key(std::uint32_t index) const;

    std::size_t key_suffix_;
    std::shared_ptr<const Block> block_;
    std::string_view entries_;
    std::size_t next_ = 0;
    std::string key_;
    std::string_view value_;
};

}  // namespace tarn::sstable
