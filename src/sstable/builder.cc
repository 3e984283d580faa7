#include "sstable/builder.h"

#include <algorithm>
#include <utility>

#include "base/varint.h"

namespace tarn::sstable {

void BlockBuilder::add(std::string_view key, std::size_t shareable, std::string_view value) {
    std::size_t shared = 0;
    if (entries_count_ % restart_interval_ == 0) {
        restarts_.push_back(static_cast<std::uint32_t>(buffer_.size()));
    } else {
        const std::size_t limit = std::min(shareable, previous_key_.size());
        const auto end = key.begin() + static_cast<std::ptrdiff_t>(limit);
        const auto [differs, _] = std::mismatch(key.begin(), end, previous_key_.begin());
        shared = static_cast<std::size_t>(differs - key.begin());
    }
    append_uvarint(buffer_, shared);
    append_uvarint(buffer_, key.size() - shared);
    append_uvarint(buffer_, value.size());
    buffer_ += key.substr(shared);
    buffer_ += value;
    previous_key_.resize(shared);
    previous_key_ += key.substr(shared);
    ++entries_count_;
}

bool BlockBuilder::is_full_for(std::uint64_t key_bytes, std::uint64_t value_bytes) const {
    if (empty()) return false;
    const std::uint64_t size = estimated_size();
    if (size >= block_target_bytes) return true;
    if (size <= block_flush_bytes) return false;
    const std::uint64_t restart = entries_count_ % restart_interval_ == 0 ? 4 : 0;
    const std::uint64_t lengths =
        4 + static_cast<std::uint64_t>(uvarint_length(key_bytes) + uvarint_length(value_bytes));
    return size + key_bytes + value_bytes + restart + lengths > block_target_bytes;
}

std::string BlockBuilder::finish() {
    if (restarts_.empty()) restarts_.push_back(0);
    for (const std::uint32_t restart : restarts_) append_fixed(buffer_, restart);
    append_fixed(buffer_, static_cast<std::uint32_t>(restarts_.size()));
    restarts_.clear();
    previous_key_.clear();
    entries_count_ = 0;
    std::string block = std::exchange(buffer_, {});
    buffer_.reserve(2 * block_target_bytes);
    return block;
}

}  // namespace tarn::sstable
