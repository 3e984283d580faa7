#include "kv/rocksdb/internal/hot_rows.h"

#include <functional>

namespace tarn::kv::rocks {
namespace {

// What an entry costs beside its bytes: list node, map node, two strings.
constexpr std::size_t entry_overhead_bytes = 160;

std::size_t cost(std::string_view row, std::string_view value) {
    return row.size() + value.size() + entry_overhead_bytes;
}

std::size_t hash_of(std::string_view row) {
    return std::hash<std::string_view>()(row);
}

}  // namespace

HotRows::HotRows(std::size_t budget_bytes) : shard_bytes_max_(budget_bytes / shards_count) {}

bool HotRows::find(std::string_view row, std::string& value, Ticket& ticket) {
    ticket.hash = hash_of(row);
    Shard& shard = shard_of(ticket.hash);
    const std::lock_guard lock(shard.mutex);
    const auto found = shard.by_row.find(row);
    if (found != shard.by_row.end()) {
        shard.by_use.splice(shard.by_use.begin(), shard.by_use, found->second);
        value = found->second->value;
        return true;
    }
    const Writes& writes = writes_of(shard, ticket.hash);
    ticket.writes = writes.begun;
    ticket.idle = writes.begun == writes.ended;
    return false;
}

void HotRows::remember(std::string_view row, std::string_view value, const Ticket& ticket) {
    if (!ticket.idle) return;
    Shard& shard = shard_of(ticket.hash);
    const std::lock_guard lock(shard.mutex);
    if (writes_of(shard, ticket.hash).begun != ticket.writes) return;
    insert(shard, row, value);
}

bool HotRows::begin_write(std::string_view row) {
    const std::size_t hash = hash_of(row);
    Shard& shard = shard_of(hash);
    const std::lock_guard lock(shard.mutex);
    ++writes_of(shard, hash).begun;
    const auto found = shard.by_row.find(row);
    if (found == shard.by_row.end()) return false;
    erase(shard, found->second);
    return true;
}

void HotRows::end_write(std::string_view row, const std::string_view* keep) {
    const std::size_t hash = hash_of(row);
    Shard& shard = shard_of(hash);
    const std::lock_guard lock(shard.mutex);
    ++writes_of(shard, hash).ended;
    if (keep != nullptr) insert(shard, row, *keep);
}

std::size_t HotRows::bytes() const {
    std::size_t sum = 0;
    for (const Shard& shard : shards_) {
        const std::lock_guard lock(shard.mutex);
        sum += shard.bytes;
    }
    return sum;
}

void HotRows::insert(Shard& shard, std::string_view row, std::string_view value) const {
    if (value.size() > value_bytes_max || cost(row, value) > shard_bytes_max_) return;
    if (shard.by_row.contains(row)) return;
    shard.by_use.push_front({std::string(row), std::string(value)});
    shard.by_row.emplace(shard.by_use.front().row, shard.by_use.begin());
    shard.bytes += cost(row, value);
    while (shard.bytes > shard_bytes_max_) erase(shard, std::prev(shard.by_use.end()));
}

void HotRows::erase(Shard& shard, std::list<Entry>::iterator entry) {
    shard.bytes -= cost(entry->row, entry->value);
    shard.by_row.erase(entry->row);
    shard.by_use.erase(entry);
}

}  // namespace tarn::kv::rocks
