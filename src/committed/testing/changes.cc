#include "committed/testing/changes.h"

#include <utility>

#include "base/bytes.h"
#include "base/digest.h"

namespace tarn::committed::testing {

MapChanges::MapChanges(Changes changes, std::size_t batch)
    : changes_(std::move(changes)), at_(changes_.begin()), batch_(batch) {}

MapChanges::MapChanges(const Records& records, std::size_t batch)
    : MapChanges(Changes(records.begin(), records.end()), batch) {}

Task<std::vector<Change>> MapChanges::next() {
    std::vector<Change> changes;
    for (; at_ != changes_.end() && changes.size() < batch_; ++at_) {
        changes.push_back({at_->first, at_->second});
    }
    co_return changes;
}

Task<Records> read_tree(Trees& trees, Tree tree) {
    Records records;
    const auto it = trees.iterate(std::move(tree));
    bool valid = co_await it->seek("");
    while (valid) {
        const RecordView record = it->record();
        records.emplace(record.key, Value{std::string(record.identity), std::string(record.data)});
        valid = it->step();
        if (!valid) valid = co_await it->cross();
    }
    co_return records;
}

Task<std::vector<DiffEntry>> read_diff(Trees& trees, Tree left, Tree right, std::string from) {
    std::vector<DiffEntry> all;
    const auto diff = trees.diff(std::move(left), std::move(right));
    bool valid = co_await diff->seek(from);
    while (valid) {
        all.push_back(diff->entry());
        valid = co_await diff->next();
    }
    co_return all;
}

Value value_of(std::string_view content) {
    return {std::string(as_view(sha256(content))), "data of " + std::string(content)};
}

}  // namespace tarn::committed::testing
