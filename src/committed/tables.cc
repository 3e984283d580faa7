#include "committed/internal/tables.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "base/bytes.h"
#include "base/digest.h"
#include "base/error.h"
#include "committed/internal/range_record.h"

namespace tarn::committed {
namespace {

using sstable::Block;
using sstable::BlockHandle;

// Open tables: at most 512, since each may hold a file descriptor.
constexpr std::uint64_t open_budget_bytes = 64 * 1024 * 1024;
constexpr std::uint64_t open_cost_min = open_budget_bytes / 512;
constexpr std::uint64_t open_cost_max = open_budget_bytes / 16;
constexpr std::uint64_t known_files_max = 65'536;
constexpr std::size_t upload_slice_bytes = 1024 * 1024;

std::string key_of(std::string_view storage_namespace, std::string_view id) {
    std::string key;
    key.reserve(storage_namespace.size() + 1 + id.size());
    key += storage_namespace;
    key += '\0';
    key += id;
    return key;
}

// The name of a file in the disk cache; its owner's namespace is in it as a digest.
std::string cache_name(std::string_view storage_namespace, std::string_view id) {
    return to_hex(as_view(sha256(storage_namespace)).substr(0, 8)) + "-" + std::string(id);
}

// Gives out shared bytes slice by slice.
class SharedSource final : public ByteSource {
public:
    explicit SharedSource(std::shared_ptr<const std::string> bytes)
        : bytes_(std::move(bytes)), rest_(*bytes_) {}

    Task<Slice> next() override {
        const Slice slice{bytes_, rest_.substr(0, upload_slice_bytes)};
        rest_.remove_prefix(slice.bytes.size());
        co_return slice;
    }

    std::optional<std::uint64_t> size() const override { return bytes_->size(); }

private:
    std::shared_ptr<const std::string> bytes_;
    std::string_view rest_;
};

bool keeps_files_locally(const block::Store& store) {
    const std::string& type = store.properties().type;
    return type == "local" || type == "mem";
}

std::unique_ptr<DiskCache> make_disk_cache(const block::Store& store, Workers& workers,
                                           const TreesOptions& options, const char* folder,
                                           std::uint64_t budget_bytes) {
    if (options.disk_cache_folder.empty() || keeps_files_locally(store)) return nullptr;
    return std::make_unique<DiskCache>(std::filesystem::path(options.disk_cache_folder) / folder,
                                       budget_bytes, workers);
}

std::shared_ptr<const Block> decode_if_intact(std::string_view stored) {
    try {
        return Block::decode(stored);
    } catch (const Error&) {
        return nullptr;
    }
}

void check_kind(const OpenTable& table) {
    const auto type = table.table->properties.find("type");
    if (type == table.table->properties.end()) return;  // releases before the property
    const bool is_metarange = type->second == "metaranges";
    if (is_metarange == (table.kind == Kind::metarange)) return;
    throw Error(Code::corrupted, "file '" + table.id + "' is of the other kind, " + type->second);
}

}  // namespace

Tables::Tables(block::Store& store, Workers& workers, const TreesOptions& options)
    : store_(store),
      workers_(workers),
      prefix_(options.block_storage_prefix),
      range_files_(make_disk_cache(store, workers, options, "range", options.disk_cache_bytes)),
      metarange_files_(make_disk_cache(store, workers, options, "meta-range",
                                       options.disk_cache_metarange_bytes)),
      open_(open_budget_bytes),
      blocks_(options.memory_cache_bytes),
      known_(known_files_max) {}

std::string Tables::address_of(std::string_view id) const {
    return prefix_ + "/" + std::string(id);
}

block::Address Tables::address(const OpenTable& table) const {
    return {table.storage_namespace, address_of(table.id)};
}

DiskCache* Tables::disk(Kind kind) const {
    return kind == Kind::range ? range_files_.get() : metarange_files_.get();
}

std::shared_ptr<const OpenTable> Tables::find_open(std::string_view storage_namespace,
                                                   std::string_view id) {
    return open_.find(key_of(storage_namespace, id));
}

Task<std::shared_ptr<const OpenTable>> Tables::open(std::string storage_namespace, std::string id,
                                                    Kind kind) {
    std::shared_ptr<const OpenTable> open = find_open(storage_namespace, id);
    if (!open) {
        const std::string key = key_of(storage_namespace, id);
        open = co_await opening_.get(
            key, [this, storage_namespace, id, kind]() -> Task<std::shared_ptr<const OpenTable>> {
                return open_anew(storage_namespace, id, kind);
            });
    }
    if (open->kind != kind) {
        throw Error(Code::corrupted, "file '" + id + "' is a range and a metarange");
    }
    co_return open;
}

Task<std::shared_ptr<const OpenTable>> Tables::open_anew(std::string storage_namespace,
                                                         std::string id, Kind kind) {
    if (!is_file_id(id)) {
        throw Error(Code::not_found, "range '" + id + "' not found", "no_such_range");
    }
    // Another may have opened it between the caller's look and its taking the lead.
    std::shared_ptr<const OpenTable> open = find_open(storage_namespace, id);
    if (open) co_return open;
    auto table = std::make_shared<OpenTable>();
    table->number = next_number_.fetch_add(1, std::memory_order_relaxed);
    table->storage_namespace = std::move(storage_namespace);
    table->id = std::move(id);
    table->kind = kind;
    const bool cached = co_await read_cached_table(*table);
    if (!cached) {
        table->bytes = co_await fetch(*table);
        co_await read_table(*table);
    }
    check_kind(*table);
    const std::string key = key_of(table->storage_namespace, table->id);
    const std::uint64_t cost = table->table->memory_bytes();
    open_.insert(key, table, std::clamp(cost, open_cost_min, open_cost_max));
    known_.insert(key, std::make_shared<const bool>(true), 1);
    co_return table;
}

// Opens the copy on the local disk. A damaged one is removed.
Task<bool> Tables::read_cached_table(OpenTable& table) {
    DiskCache* cache = disk(table.kind);
    if (cache == nullptr) co_return false;
    const std::string name = cache_name(table.storage_namespace, table.id);
    std::optional<FileRange> file = co_await cache->find(name);
    if (!file) co_return false;
    table.bytes = bytes_of_file(std::move(*file), workers_);
    try {
        co_await read_table(table);
    } catch (const Error&) {
        cache->remove(name);
        co_return false;
    }
    table.from_disk_cache = true;
    co_return true;
}

Task<std::unique_ptr<FileBytes>> Tables::fetch(OpenTable& table) {
    const block::Address from = address(table);
    std::optional<block::Opened> opened = co_await store_.open(from, std::nullopt);
    if (!opened) {
        throw Error(Code::not_found, "range '" + table.id + "' not found", "no_such_range");
    }
    if (auto* file = std::get_if<FileRange>(&opened->body)) {
        co_return bytes_of_file(std::move(*file), workers_);
    }
    if (auto* bytes = std::get_if<std::string>(&opened->body)) {
        co_return bytes_in_memory(std::move(*bytes));
    }
    if (DiskCache* cache = disk(table.kind)) {
        const std::unique_ptr<ByteSource> source = as_source(std::move(opened->body));
        std::string name = cache_name(table.storage_namespace, table.id);
        std::optional<FileRange> file = co_await cache->fill(std::move(name), *source);
        if (file && file->size == opened->stat.size_bytes) {
            table.from_disk_cache = true;
            co_return bytes_of_file(std::move(*file), workers_);
        }
    }
    co_return bytes_of_object(store_, from, opened->stat.size_bytes);
}

Task<void> Tables::read_table(OpenTable& table) {
    const std::uint64_t size = table.bytes->size();
    sstable::TableOpener opener(size);
    for (;;) {
        const std::uint64_t offset = opener.wanted_offset();
        std::string tail;
        if (!table.bytes->try_read(offset, size - offset, tail)) {
            tail = co_await table.bytes->read(offset, size - offset);
        }
        if (opener.supply(tail)) break;
    }
    table.table = opener.table();
}

std::shared_ptr<const Block> Tables::keep(const OpenTable& table, BlockHandle handle,
                                          std::string_view stored) {
    std::shared_ptr<const Block> block = decode_if_intact(stored);
    if (block) blocks_.insert({table.number, handle.offset}, block, block->memory_bytes() + 128);
    return block;
}

std::shared_ptr<const Block> Tables::find_block(const OpenTable& table, BlockHandle handle) {
    std::shared_ptr<const Block> block = blocks_.find({table.number, handle.offset});
    if (block) return block;
    thread_local std::string stored;
    const std::uint64_t size = handle.size + sstable::block_trailer_bytes;
    if (!table.bytes->try_read(handle.offset, size, stored)) return nullptr;
    return keep(table, handle, stored);
}

Task<std::shared_ptr<const Block>> Tables::block(std::shared_ptr<const OpenTable> table,
                                                 BlockHandle handle) {
    std::shared_ptr<const Block> block = find_block(*table, handle);
    if (block) co_return block;
    const std::uint64_t size = handle.size + sstable::block_trailer_bytes;
    const std::string stored = co_await table->bytes->read(handle.offset, size);
    block = keep(*table, handle, stored);
    if (block) co_return block;
    if (!table->from_disk_cache) {
        throw Error(Code::corrupted, "block of range '" + table->id + "' is damaged");
    }
    // The copy went bad under us: the next to open the table fetches it anew, this one the block.
    disk(table->kind)->remove(cache_name(table->storage_namespace, table->id));
    open_.remove(key_of(table->storage_namespace, table->id));
    const auto origin = bytes_of_object(store_, address(*table), table->bytes->size());
    const std::string again = co_await origin->read(handle.offset, size);
    block = keep(*table, handle, again);
    if (!block) throw Error(Code::corrupted, "block of range '" + table->id + "' is damaged");
    co_return block;
}

Task<void> Tables::put(std::string storage_namespace, std::string id, Kind kind,
                       std::shared_ptr<const std::string> bytes) {
    const std::string key = key_of(storage_namespace, id);
    const block::Address to{storage_namespace, address_of(id)};
    if (known_.find(key)) {
        const std::optional<block::Stat> there = co_await store_.stat(to);
        if (there && there->size_bytes == bytes->size()) co_return;
    }
    SharedSource source(bytes);
    co_await store_.put(to, source, false);
    known_.insert(key, std::make_shared<const bool>(true), 1);
    if (DiskCache* cache = disk(kind)) {
        SharedSource copy(bytes);
        std::string name = cache_name(storage_namespace, id);
        co_await cache->fill(std::move(name), copy);
    }
}

Task<bool> Tables::exists(std::string storage_namespace, std::string id) {
    if (!is_file_id(id)) co_return false;
    if (find_open(storage_namespace, id)) co_return true;
    const block::Address at{std::move(storage_namespace), address_of(id)};
    const std::optional<block::Stat> there = co_await store_.stat(at);
    co_return there.has_value();
}

}  // namespace tarn::committed
