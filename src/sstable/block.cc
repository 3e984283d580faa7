#include "sstable/block.h"

#include <utility>

#include "base/digest.h"
#include "base/error.h"
#include "base/varint.h"
#include "sstable/snappy.h"

namespace tarn::sstable {
namespace {

constexpr char compression_none = 0;
constexpr char compression_snappy = 1;

[[noreturn]] void fail(const char* what) {
    throw Error(Code::corrupted, what);
}

struct Entry {
    std::uint64_t shared = 0;
    std::string_view suffix;
    std::string_view value;
    std::size_t end = 0;  // where the next entry begins
};

// Reads the three lengths of an entry; most are below 128 and take one byte each.
bool take_lengths(std::string_view& rest, std::uint64_t (&lengths)[3]) {
    if (rest.size() >= 3) {
        const auto a = static_cast<std::uint8_t>(rest[0]);
        const auto b = static_cast<std::uint8_t>(rest[1]);
        const auto c = static_cast<std::uint8_t>(rest[2]);
        if ((a | b | c) < 0x80) {
            lengths[0] = a;
            lengths[1] = b;
            lengths[2] = c;
            rest.remove_prefix(3);
            return true;
        }
    }
    return take_uvarint(rest, lengths[0]) && take_uvarint(rest, lengths[1]) &&
           take_uvarint(rest, lengths[2]);
}

Entry parse_entry(std::string_view entries, std::size_t at) {
    std::string_view rest = entries.substr(at);
    std::uint64_t lengths[3];
    if (!take_lengths(rest, lengths)) fail("block entry is cut off");
    const auto [shared, unshared, value_bytes] = lengths;
    if (unshared > rest.size() || value_bytes > rest.size() - unshared) {
        fail("block entry is longer than its block");
    }
    Entry entry;
    entry.shared = shared;
    entry.suffix = rest.substr(0, unshared);
    entry.value = rest.substr(unshared, value_bytes);
    entry.end = entries.size() - rest.size() + unshared + value_bytes;
    return entry;
}

}  // namespace

bool take_handle(std::string_view& bytes, BlockHandle& handle) {
    return take_uvarint(bytes, handle.offset) && take_uvarint(bytes, handle.size);
}

void append_handle(std::string& out, BlockHandle handle) {
    append_uvarint(out, handle.offset);
    append_uvarint(out, handle.size);
}

std::uint32_t block_checksum(std::string_view bytes, char compression) {
    const std::uint32_t crc = crc32c(crc32c(0, bytes), {&compression, 1});
    return ((crc >> 15) | (crc << 17)) + 0xa282ead8U;
}

Block::Block(std::string raw) : raw_(std::move(raw)) {
    if (raw_.size() < sizeof(std::uint32_t)) fail("block is too short");
    const std::size_t before_count = raw_.size() - sizeof(std::uint32_t);
    restarts_ = load_fixed<std::uint32_t>(raw_.data() + before_count);
    if (restarts_ > before_count / sizeof(std::uint32_t)) fail("block has too many restart points");
    entries_bytes_ = before_count - restarts_ * sizeof(std::uint32_t);
    for (std::uint32_t i = 0; i < restarts_; ++i) {
        if (restart(i) > entries_bytes_) fail("block restarts beyond its end");
    }
}

std::uint32_t Block::restart(std::uint32_t index) const {
    return load_fixed<std::uint32_t>(raw_.data() + entries_bytes_ + index * sizeof(std::uint32_t));
}

std::shared_ptr<const Block> Block::of(std::string raw) {
    return std::shared_ptr<const Block>(new Block(std::move(raw)));
}

std::shared_ptr<const Block> Block::decode(std::string_view stored) {
    if (stored.size() < block_trailer_bytes) fail("block has no trailer");
    const std::string_view body = stored.substr(0, stored.size() - block_trailer_bytes);
    const char compression = stored[body.size()];
    const auto checksum = load_fixed<std::uint32_t>(stored.data() + body.size() + 1);
    if (checksum != block_checksum(body, compression)) fail("block has a wrong checksum");
    std::string raw;
    if (compression == compression_none) {
        raw = body;
    } else if (compression != compression_snappy) {
        fail("block has an unknown compression");
    } else if (!snappy_decompress(body, block_bytes_max, raw)) {
        fail("block is not well compressed");
    }
    return of(std::move(raw));
}

void BlockCursor::reset(std::shared_ptr<const Block> block) {
    block_ = std::move(block);
    entries_ = block_->entries();
    next_ = 0;
    key_.assign(key_suffix_, '\0');
    value_ = {};
}

void BlockCursor::clear() {
    block_.reset();
    entries_ = {};
    next_ = 0;
}

bool BlockCursor::next() {
    if (next_ >= entries_.size()) return false;
    const Entry entry = parse_entry(entries_, next_);
    if (entry.shared > key_.size()) fail("block entry shares more than there is");
    if (entry.shared + entry.suffix.size() < key_suffix_) fail("block entry has a short key");
    key_.resize(entry.shared);
    key_ += entry.suffix;
    value_ = entry.value;
    next_ = entry.end;
    return true;
}

std::string_view BlockCursor::restart_key(std::uint32_t index) const {
    const Entry entry = parse_entry(entries_, block_->restart(index));
    if (entry.shared != 0 || entry.suffix.size() < key_suffix_) {
        fail("block restarts at a bad entry");
    }
    return entry.suffix.substr(0, entry.suffix.size() - key_suffix_);
}

bool BlockCursor::seek(std::string_view key) {
    // The last restart point whose key is below `key`; what is sought is after it.
    std::uint32_t low = 0;
    std::uint32_t high = entries_.empty() ? 0 : block_->restarts();
    while (low < high) {
        const std::uint32_t middle = low + (high - low) / 2;
        if (restart_key(middle) < key) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    next_ = low == 0 ? 0 : block_->restart(low - 1);
    while (next()) {
        if (this->key() >= key) return true;
    }
    return false;
}

}  // namespace tarn::sstable
