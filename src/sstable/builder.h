#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace tarn::sstable {

constexpr std::uint64_t block_target_bytes = 4'096;
constexpr std::uint64_t block_flush_bytes = 3'687;  // 90 % of it, rounded up

// Builds one block after the other: entries with shared prefixes, then the restart array.
class BlockBuilder {
public:
    // A restart point every `restart_interval` entries.
    explicit BlockBuilder(std::uint32_t restart_interval) : restart_interval_(restart_interval) {}

    // `shareable`: how much of the front of `key` may be left out where the previous key has it
    // too.
    void add(std::string_view key, std::size_t shareable, std::string_view value);

    bool empty() const { return entries_count_ == 0; }
    // The size it would have if finished now, except that a block without entries counts 4.
    std::uint64_t estimated_size() const { return buffer_.size() + 4 * restarts_.size() + 4; }
    // Whether it must be finished before an entry of these sizes is added.
    bool is_full_for(std::uint64_t key_bytes, std::uint64_t value_bytes) const;

    // The whole block; the builder is empty again.
    std::string finish();

private:
    std::uint32_t restart_interval_;
    std::string buffer_;
    std::string previous_key_;
    std::vector<std::uint32_t> restarts_;
    std::uint32_t entries_count_ = 0;
};

}  // namespace tarn::sstable
