#include "kv/memory/memory_store.h"

#include <optional>

#include "kv/internal/validate.h"

namespace tarn::kv {

const std::string* MemoryStore::find_row(const Key& key) const {
    const auto rows = partitions_.find(key.partition);
    if (rows == partitions_.end()) return nullptr;
    const auto row = rows->second.find(key.name);
    return row == rows->second.end() ? nullptr : &row->second;
}

Result MemoryStore::take(const Find& step) {
    const std::string* found = find_row(step.key);
    Result result;
    if (found != nullptr) result.value = *found;
    return result;
}

Result MemoryStore::take(const Put& step) {
    partitions_[step.key.partition][step.key.name] = step.value;
    return {};
}

Result MemoryStore::take(const Remove& step) {
    const auto rows = partitions_.find(step.key.partition);
    if (rows == partitions_.end()) return {};
    rows->second.erase(step.key.name);
    if (rows->second.empty()) partitions_.erase(rows);
    return {};
}

Result MemoryStore::take(const PutIf& step) {
    const std::string* found = find_row(step.key);
    std::optional<std::string_view> state;
    if (found != nullptr) state = *found;
    Result result;
    result.done = holds(step.expected, state);
    if (result.done) partitions_[step.key.partition][step.key.name] = step.value;
    return result;
}

Task<std::vector<Result>> MemoryStore::run(std::span<const Step> steps) {
    validate(steps);
    std::vector<Result> results;
    results.reserve(steps.size());
    for (const Step& step : steps) {
        const std::lock_guard lock(mutex_);
        results.push_back(std::visit([this](const auto& one) { return take(one); }, step));
    }
    co_return results;
}

Task<std::vector<Pair>> MemoryStore::scan(std::string_view partition, std::string_view from,
                                          int limit) {
    validate_partition(partition);
    validate_limit(limit);
    std::vector<Pair> page;
    const std::lock_guard lock(mutex_);
    const auto rows = partitions_.find(partition);
    if (rows == partitions_.end()) co_return page;
    for (auto row = rows->second.lower_bound(from); row != rows->second.end(); ++row) {
        if (page.size() == static_cast<std::size_t>(limit)) break;
        page.push_back({row->first, row->second});
    }
    co_return page;
}

Task<void> MemoryStore::drop(std::string_view partition) {
    validate_partition(partition);
    const std::lock_guard lock(mutex_);
    const auto rows = partitions_.find(partition);
    if (rows != partitions_.end()) partitions_.erase(rows);
    co_return;
}

Task<std::vector<std::string>> MemoryStore::partitions(std::string_view after, int limit) {
    validate_limit(limit);
    std::vector<std::string> names;
    const std::lock_guard lock(mutex_);
    for (auto at = partitions_.upper_bound(after); at != partitions_.end(); ++at) {
        if (names.size() == static_cast<std::size_t>(limit)) break;
        names.push_back(at->first);
    }
    co_return names;
}

}  // namespace tarn::kv
