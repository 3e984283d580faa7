#include "committed/internal/diff.h"

#include <utility>

namespace tarn::committed {
namespace {

Value to_value(const RecordView& record) {
    return {std::string(record.identity), std::string(record.data)};
}

class TreeDiff final : public DiffIterator {
public:
    TreeDiff(Tables& tables, Tree left, Tree right)
        : differences_(tables, std::move(left), std::move(right)) {}

    Task<bool> seek(std::string_view key) override {
        co_await differences_.seek(key);
        co_return co_await find();
    }

    Task<bool> next() override {
        co_await differences_.pass();
        co_return co_await find();
    }

    const DiffEntry& entry() const override { return entry_; }

private:
    Task<bool> find() {
        const bool found = co_await differences_.find();
        if (!found) co_return false;
        entry_.type = differences_.type();
        entry_.left = {};
        entry_.right = {};
        if (entry_.type != DiffType::added) {
            entry_.key = differences_.left().key;
            entry_.left = to_value(differences_.left());
        }
        if (entry_.type != DiffType::removed) {
            entry_.key = differences_.right().key;
            entry_.right = to_value(differences_.right());
        }
        co_return true;
    }

    Differences differences_;
    DiffEntry entry_;
};

}  // namespace

Differences::Differences(Tables& tables, Tree left, Tree right)
    : left_(tables, std::move(left), Reading::whole),
      right_(tables, std::move(right), Reading::whole) {}

Task<void> Differences::start() {
    co_await left_.start();
    co_await right_.start();
}

Task<void> Differences::seek(std::string_view key) {
    co_await left_.seek(key);
    co_await right_.seek(key);
}

Task<void> Differences::step(TreeCursor& cursor) {
    if (!cursor.step()) co_await cursor.next();
}

Task<void> Differences::pass() {
    if (type_ != DiffType::added) co_await step(left_);
    if (type_ != DiffType::removed) co_await step(right_);
}

// At least one side stands at a header: skips what is the same, enters what is next.
Task<void> Differences::pass_headers() {
    if (left_.at_header() && right_.at_header()) {
        const RangeInfo& left = left_.range();
        const RangeInfo& right = right_.range();
        if (left.id == right.id) {
            co_await left_.skip();
            co_await right_.skip();
            co_return;
        }
        if (left.max_key < right.min_key) co_return co_await left_.next();
        if (right.max_key < left.min_key) co_return co_await right_.next();
        co_await left_.next();
        co_return co_await right_.next();
    }
    TreeCursor& header = left_.at_header() ? left_ : right_;
    co_await header.next();
}

Task<bool> Differences::find() {
    for (;;) {
        const bool left_waits = left_.at_header() && !(right_.at_record() &&
                                                       right_.record().key < left_.range().min_key);
        const bool right_waits =
            right_.at_header() &&
            !(left_.at_record() && left_.record().key < right_.range().min_key);
        if (left_waits || right_waits) {
            co_await pass_headers();
            continue;
        }
        if (!left_.at_record() && !right_.at_record()) co_return false;
        if (!left_.at_record()) {
            type_ = DiffType::added;
            co_return true;
        }
        if (!right_.at_record()) {
            type_ = DiffType::removed;
            co_return true;
        }
        const int order = left_.record().key.compare(right_.record().key);
        type_ = order < 0 ? DiffType::removed : order > 0 ? DiffType::added : DiffType::changed;
        if (order != 0 || left_.record().identity != right_.record().identity) co_return true;
        if (!left_.step()) co_await left_.next();
        if (!right_.step()) co_await right_.next();
    }
}

namespace {

Task<RecordCursor::At> begin(RecordCursor& cursor) {
    const RecordCursor::At at = cursor.seek_first();
    if (at != RecordCursor::At::waiting) co_return at;
    co_return co_await cursor.wait();
}

Task<RecordCursor::At> advance(RecordCursor& cursor) {
    const RecordCursor::At at = cursor.next();
    if (at != RecordCursor::At::waiting) co_return at;
    co_return co_await cursor.wait();
}

}  // namespace

Task<Summary> count_range_differences(Tables& tables, std::string storage_namespace, RangeInfo left,
                                      RangeInfo right) {
    const auto left_table = co_await tables.open(storage_namespace, left.id, Kind::range);
    const auto right_table = co_await tables.open(storage_namespace, right.id, Kind::range);
    RecordCursor lefts(tables, left_table, Reading::whole);
    RecordCursor rights(tables, right_table, Reading::whole);
    RecordCursor::At left_at = co_await begin(lefts);
    RecordCursor::At right_at = co_await begin(rights);
    Summary summary;
    while (left_at == RecordCursor::At::record && right_at == RecordCursor::At::record) {
        const int order = lefts.key().compare(rights.key());
        if (order < 0) ++summary.removed;
        if (order > 0) ++summary.added;
        if (order == 0 && lefts.record().identity != rights.record().identity) ++summary.changed;
        if (order <= 0) left_at = co_await advance(lefts);
        if (order >= 0) right_at = co_await advance(rights);
    }
    while (left_at == RecordCursor::At::record) {
        ++summary.removed;
        left_at = co_await advance(lefts);
    }
    while (right_at == RecordCursor::At::record) {
        ++summary.added;
        right_at = co_await advance(rights);
    }
    co_return summary;
}

std::unique_ptr<DiffIterator> make_diff(Tables& tables, Tree left, Tree right) {
    return std::make_unique<TreeDiff>(tables, std::move(left), std::move(right));
}

Task<Summary> count_differences(Tables& tables, Tree left, Tree right) {
    Summary summary;
    if (left.id == right.id) co_return summary;
    Differences differences(tables, std::move(left), std::move(right));
    co_await differences.start();
    bool found = co_await differences.find();
    while (found) {
        if (differences.type() == DiffType::added) ++summary.added;
        if (differences.type() == DiffType::removed) ++summary.removed;
        if (differences.type() == DiffType::changed) ++summary.changed;
        co_await differences.pass();
        found = co_await differences.find();
    }
    co_return summary;
}

}  // namespace tarn::committed
