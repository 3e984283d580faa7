#include "sstable/writer.h"

#include <charconv>
#include <utility>

#include "base/bytes.h"
#include "base/error.h"
#include "base/identity.h"
#include "base/varint.h"
#include "sstable/footer.h"
#include "sstable/properties.h"
#include "sstable/separator.h"
#include "sstable/snappy.h"

namespace tarn::sstable {
namespace {

constexpr std::size_t hash_input_bytes_max = 16 * 1024;
constexpr std::uint64_t handle_bytes_max = 20;
constexpr std::size_t trailer_bytes = 8;

void append_decimal(std::string& out, std::uint64_t value) {
    char digits[20];
    const auto [end, _] = std::to_chars(digits, digits + sizeof digits, value);
    out.append(digits, end);
}

std::string encoded(BlockHandle handle) {
    std::string bytes;
    append_handle(bytes, handle);
    return bytes;
}

// The index key of the only block of a table without records.
std::string separator_of_nothing() {
    return std::string("\xff") + std::string(7, '\0');
}

}  // namespace

Writer::Writer(UserProperties properties) : properties_(std::move(properties)) {}

std::uint64_t Writer::estimated_size() const {
    return data_bytes_ + data_.estimated_size() + index_.estimated_size();
}

void Writer::hash(std::string_view key, std::string_view value) {
    for (const std::string_view part : {key, value}) {
        append_decimal(hash_input_, part.size());
        hash_input_ += part;
        hash_input_ += '|';
    }
    if (hash_input_.size() < hash_input_bytes_max) return;
    sha256_.update(hash_input_);
    hash_input_.clear();
}

void Writer::add(std::string_view key, std::string_view value) {
    if (count_ == 0) {
        first_key_ = key;
    } else if (key <= last_key_) {
        throw Error(Code::invalid_argument, "records of a range are out of order");
    }
    if (data_.is_full_for(key.size() + trailer_bytes, value.size())) {
        flush_data_block(separator_between(last_key_, key));
    }
    internal_key_ = key;
    internal_key_ += record_trailer();
    data_.add(internal_key_, key.size(), value);
    hash(key, value);
    last_key_ = key;
    ++count_;
    raw_key_bytes_ += internal_key_.size();
    raw_value_bytes_ += value.size();
}

BlockHandle Writer::write_block(std::string_view raw, bool compress) {
    std::string_view body = raw;
    char compression = 0;
    if (compress) {
        compressed_.clear();
        snappy_compress(raw, compressed_);
        if (compressed_.size() < raw.size() - raw.size() / 8) {
            body = compressed_;
            compression = 1;
        }
    }
    const BlockHandle handle{out_.size(), body.size()};
    out_ += body;
    out_ += compression;
    append_fixed(out_, block_checksum(body, compression));
    return handle;
}

void Writer::flush_data_block(const std::string& separator) {
    const BlockHandle handle = write_block(data_.finish(), true);
    data_bytes_ = out_.size();
    ++data_blocks_;
    add_index_entry(separator, handle);
}

void Writer::add_index_entry(const std::string& separator, BlockHandle handle) {
    if (index_.is_full_for(separator.size(), handle_bytes_max)) close_partition();
    index_.add(separator, 0, encoded(handle));
    last_separator_ = separator;
}

void Writer::close_partition() {
    std::string raw = index_.finish();
    index_raw_bytes_ += raw.size();
    partitions_.push_back({last_separator_, std::move(raw)});
}

BlockHandle Writer::write_indexes() {
    if (partitions_.empty()) {
        const std::string raw = index_.finish();
        index_raw_bytes_ = raw.size();
        return write_block(raw, true);
    }
    close_partition();
    BlockBuilder top(1);
    for (const Partition& partition : partitions_) {
        const BlockHandle handle = write_block(partition.raw, true);
        top.add(partition.last_separator, 0, encoded(handle));
    }
    const std::string raw = top.finish();
    top_index_raw_bytes_ = raw.size();
    return write_block(raw, true);
}

std::string Writer::properties_block(std::uint64_t estimated_size) const {
    TableFacts facts;
    facts.data_bytes = data_bytes_;
    facts.index_bytes = index_raw_bytes_ + top_index_raw_bytes_ + block_trailer_bytes;
    facts.data_blocks = data_blocks_;
    facts.entries = static_cast<std::uint64_t>(count_);
    facts.raw_key_bytes = raw_key_bytes_;
    facts.raw_value_bytes = raw_value_bytes_;
    facts.index_partitions = partitions_.size();
    facts.top_index_bytes = top_index_raw_bytes_;

    UserProperties user = properties_;
    user["count"] = std::to_string(count_);
    user["estimated_size_bytes"] = std::to_string(estimated_size);
    user["min_key"] = first_key_;
    user["max_key"] = last_key_;
    return build_properties(user, facts);
}

Written Writer::finish() {
    Written written;
    written.estimated_size = estimated_size();
    sha256_.update(hash_input_);
    sha256_.update(Identity().add_map(properties_).encoded());
    written.id = to_hex(as_view(sha256_.finish()));

    flush_data_block(count_ == 0 ? separator_of_nothing() : successor_of(last_key_));
    const BlockHandle index = write_indexes();
    const BlockHandle properties = write_block(properties_block(written.estimated_size), false);
    BlockBuilder metaindex(1);
    metaindex.add(properties_block_name, 0, encoded(properties));
    Footer footer;
    footer.index = index;
    footer.metaindex = write_block(metaindex.finish(), false);
    append_footer(out_, footer);

    written.bytes = std::move(out_);
    written.min_key = std::move(first_key_);
    written.max_key = std::move(last_key_);
    written.count = count_;
    return written;
}

bool Splitter::closes_after(std::string_view key, std::uint64_t estimated_size) const {
    if (estimated_size < size_bytes_min) return false;
    if (estimated_size >= size_bytes_max) return true;
    return fnv1a_64(key) % raggedness_entries == 0;
}

}  // namespace tarn::sstable
