#include "committed/testing/model.h"

#include <set>
#include <string>

namespace tarn::committed::testing {
namespace {

std::optional<Value> find(const Records& records, const std::string& key) {
    const auto found = records.find(key);
    if (found == records.end()) return std::nullopt;
    return found->second;
}

bool same(const std::optional<Value>& left, const std::optional<Value>& right) {
    if (!left || !right) return !left && !right;
    return left->identity == right->identity;
}

std::set<std::string> keys_of(std::initializer_list<const Records*> all) {
    std::set<std::string> keys;
    for (const Records* records : all) {
        for (const auto& [key, _] : *records) keys.insert(key);
    }
    return keys;
}

}  // namespace

Records model_apply(Records base, const Changes& changes, Summary& summary) {
    for (const auto& [key, value] : changes) {
        const auto found = base.find(key);
        if (found == base.end()) {
            if (!value) continue;
            base.emplace(key, *value);
            ++summary.added;
        } else if (!value) {
            base.erase(found);
            ++summary.removed;
        } else if (found->second.identity != value->identity) {
            found->second = *value;
            ++summary.changed;
        }
    }
    return base;
}

std::optional<Records> model_merge(const Records& source, const Records& destination,
                                   const Records& base, Strategy strategy) {
    Records result;
    for (const std::string& key : keys_of({&source, &destination})) {
        const auto ours = find(source, key);
        const auto theirs = find(destination, key);
        const auto before = find(base, key);
        std::optional<Value> chosen;
        if (same(ours, theirs)) {
            chosen = ours;
        } else if (same(ours, before)) {
            chosen = theirs;
        } else if (same(theirs, before)) {
            chosen = ours;
        } else if (strategy == Strategy::none) {
            return std::nullopt;
        } else {
            chosen = strategy == Strategy::source_wins ? ours : theirs;
        }
        if (chosen) result.emplace(key, *chosen);
    }
    return result;
}

std::vector<DiffEntry> model_diff(const Records& left, const Records& right) {
    std::vector<DiffEntry> all;
    for (const std::string& key : keys_of({&left, &right})) {
        const auto before = find(left, key);
        const auto after = find(right, key);
        if (same(before, after)) continue;
        const DiffType type = !before  ? DiffType::added
                              : !after ? DiffType::removed
                                       : DiffType::changed;
        all.push_back({type, key, before.value_or(Value{}), after.value_or(Value{})});
    }
    return all;
}

Summary summary_of(const std::vector<DiffEntry>& differences) {
    Summary summary;
    for (const DiffEntry& entry : differences) {
        if (entry.type == DiffType::added) ++summary.added;
        if (entry.type == DiffType::removed) ++summary.removed;
        if (entry.type == DiffType::changed) ++summary.changed;
    }
    return summary;
}

}  // namespace tarn::committed::testing
