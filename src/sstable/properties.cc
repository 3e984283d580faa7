#include "sstable/properties.h"

#include <limits>
#include <utility>

#include "base/error.h"
#include "base/varint.h"
#include "sstable/builder.h"

namespace tarn::sstable {
namespace {

constexpr std::string_view index_type_name = "rocksdb.block.based.table.index.type";
constexpr std::string_view own_prefix = "rocksdb.";
constexpr std::uint32_t single_level = 0;
constexpr std::uint32_t two_level = 2;

std::string varint(std::uint64_t value) {
    std::string bytes;
    append_uvarint(bytes, value);
    return bytes;
}

template <class Integer>
std::string fixed(Integer value) {
    std::string bytes;
    append_fixed(bytes, value);
    return bytes;
}

// Properties that are the same in every table.
void add_constants(std::map<std::string, std::string>& all) {
    all["rocksdb.block.based.table.prefix.filtering"] = "0";
    all["rocksdb.block.based.table.whole.key.filtering"] = "0";
    all["rocksdb.column.family.id"] = varint(std::numeric_limits<std::int32_t>::max());
    all["rocksdb.comparator"] = "leveldb.BytewiseComparator";
    all["rocksdb.compression"] = "Snappy";
    all["rocksdb.compression_options"] =
        "window_bits=-14; level=32767; strategy=0; max_dict_bytes=0; zstd_max_train_bytes=0; "
        "enabled=0; ";
    all["rocksdb.external_sst_file.global_seqno"] = fixed(std::uint64_t{0});
    all["rocksdb.external_sst_file.version"] = fixed(std::uint32_t{2});
    all["rocksdb.merge.operator"] = "pebble.concatenate";
    all["rocksdb.prefix.extractor.name"] = "nullptr";
    all["rocksdb.property.collectors"] = "[static]";
    for (const char* zero :
         {"rocksdb.creation.time", "rocksdb.deleted.keys", "rocksdb.filter.size",
          "rocksdb.fixed.key.length", "rocksdb.format.version", "rocksdb.index.key.is.user.key",
          "rocksdb.index.value.is.delta.encoded", "rocksdb.merge.operands",
          "rocksdb.num.range-deletions", "rocksdb.oldest.key.time"}) {
        all[zero] = varint(0);
    }
}

}  // namespace

std::string build_properties(const std::map<std::string, std::string>& user,
                             const TableFacts& facts) {
    std::map<std::string, std::string> all = user;
    add_constants(all);
    const bool partitioned = facts.index_partitions > 0;
    all[std::string(index_type_name)] = fixed(partitioned ? two_level : single_level);
    all["rocksdb.data.size"] = varint(facts.data_bytes);
    all["rocksdb.index.size"] = varint(facts.index_bytes);
    all["rocksdb.num.data.blocks"] = varint(facts.data_blocks);
    all["rocksdb.num.entries"] = varint(facts.entries);
    all["rocksdb.raw.key.size"] = varint(facts.raw_key_bytes);
    all["rocksdb.raw.value.size"] = varint(facts.raw_value_bytes);
    if (partitioned) {
        all["rocksdb.index.partitions"] = varint(facts.index_partitions);
        all["rocksdb.top-level.index.size"] = varint(facts.top_index_bytes);
    }
    BlockBuilder block(std::numeric_limits<std::uint32_t>::max());
    for (const auto& [name, value] : all) block.add(name, name.size(), value);
    return block.finish();
}

TableProperties parse_properties(std::shared_ptr<const Block> block) {
    TableProperties properties;
    BlockCursor cursor(0);
    cursor.reset(std::move(block));
    bool has_index_type = false;
    while (cursor.next()) {
        if (cursor.key() == index_type_name) {
            if (cursor.value().size() != sizeof(std::uint32_t)) {
                throw Error(Code::corrupted, "range file has a malformed index type");
            }
            const auto type = load_fixed<std::uint32_t>(cursor.value().data());
            if (type != single_level && type != two_level) {
                throw Error(Code::corrupted, "range file has an unknown index type");
            }
            properties.two_level_index = type == two_level;
            has_index_type = true;
        } else if (!cursor.key().starts_with(own_prefix)) {
            properties.user.emplace(cursor.key(), cursor.value());
        }
    }
    if (!has_index_type) throw Error(Code::corrupted, "range file does not tell its index type");
    return properties;
}

}  // namespace tarn::sstable
