#include "committed/internal/merge.h"

#include <utility>

#include "base/error.h"
#include "committed/internal/diff.h"
#include "committed/internal/tree_cursor.h"

namespace tarn::committed {
namespace {

enum class Side { source, destination };

bool have_same_bounds(const RangeInfo& left, const RangeInfo& right) {
    return left.min_key == right.min_key && left.max_key == right.max_key;
}

class Merge {
public:
    Merge(Tables& tables, MergeTrees trees, Strategy strategy, TreeWriter& writer)
        : tables_(tables),
          storage_namespace_(trees.destination.storage_namespace),
          source_(tables, std::move(trees.source), Reading::whole),
          destination_(tables, std::move(trees.destination), Reading::whole),
          base_(tables, std::move(trees.base), Reading::whole),
          strategy_(strategy),
          writer_(writer) {}

    Task<Summary> run() {
        co_await source_.start();
        co_await destination_.start();
        co_await base_.start();
        while (!source_.at_end() && !destination_.at_end()) {
            if (source_.at_record() && destination_.at_record()) {
                co_await merge_records();
            } else if (source_.at_header() && destination_.at_header()) {
                co_await merge_headers();
            } else {
                co_await merge_header_and_record();
            }
        }
        while (!source_.at_end()) co_await take_alone(Side::source);
        while (!destination_.at_end()) co_await take_alone(Side::destination);
        co_return summary_;
    }

private:
    TreeCursor& cursor(Side side) { return side == Side::source ? source_ : destination_; }

    // Whether the base has a range that overlaps `range`; it then stands at it or in it.
    Task<bool> base_overlaps(const RangeInfo& range) {
        while (!base_.at_end() && base_.range().max_key < range.min_key) co_await base_.skip();
        co_return !base_.at_end() && base_.range().min_key <= range.max_key;
    }

    // Moves the base on to `key`, or beyond it where it lacks that key.
    Task<void> advance_base(std::string_view key) {
        while (!base_.at_end()) {
            if (base_.at_record() && base_.record().key >= key) co_return;
            if (base_.at_header() && base_.range().min_key > key) co_return;
            if (base_.range().max_key < key) {
                co_await base_.skip();
            } else if (base_.at_header() || !base_.step()) {
                co_await base_.next();
            }
        }
    }

    // The base's record of `key`, or null. Requires the base to have been advanced to it.
    const RecordView* base_record(std::string_view key) const {
        return base_.at_record() && base_.record().key == key ? &base_.record() : nullptr;
    }

    Task<void> merge_headers() {
        const RangeInfo& source = source_.range();
        const RangeInfo& destination = destination_.range();
        if (source.id == destination.id) {
            co_await writer_.add_range(source);
            co_return co_await skip_both();
        }
        if (have_same_bounds(source, destination)) co_return co_await merge_same_bounds();
        bool taken = false;
        if (source.max_key < destination.min_key) {
            taken = co_await take_whole(Side::source);
        } else if (destination.max_key < source.min_key) {
            taken = co_await take_whole(Side::destination);
        }
        if (!taken) co_await enter_both();
    }

    Task<void> merge_same_bounds() {
        const RangeInfo& source = source_.range();
        const RangeInfo& destination = destination_.range();
        const bool overlaps = co_await base_overlaps(source);
        if (overlaps && base_.range().id == source.id) {
            co_await writer_.add_range(destination);
            co_return co_await skip_both();
        }
        if (overlaps && base_.range().id == destination.id) {
            const Summary changes =
                co_await count_range_differences(tables_, storage_namespace_, destination, source);
            summary_.added += changes.added;
            summary_.changed += changes.changed;
            summary_.removed += changes.removed;
            co_await writer_.add_range(source);
            co_return co_await skip_both();
        }
        co_await enter_both();
    }

    Task<void> skip_both() {
        co_await source_.skip();
        co_await destination_.skip();
    }

    Task<void> enter_both() {
        co_await source_.next();
        co_await destination_.next();
    }

    // A range at whose header `side` stands and that the other side lacks: new on this side, so it
    // is copied; or unchanged here, so the other side has removed it. False when it has changed.
    Task<bool> take_whole(Side side) {
        TreeCursor& own = cursor(side);
        const bool overlaps = co_await base_overlaps(own.range());
        if (!overlaps) {
            if (side == Side::source) summary_.added += own.range().count;
            co_await writer_.add_range(own.range());
        } else if (base_.range().id == own.range().id) {
            if (side == Side::destination) summary_.removed += own.range().count;
        } else {
            co_return false;
        }
        co_await own.skip();
        co_return true;
    }

    Task<void> merge_header_and_record() {
        const Side record_side = source_.at_record() ? Side::source : Side::destination;
        const Side header_side = source_.at_record() ? Side::destination : Side::source;
        const std::string_view key = cursor(record_side).record().key;
        const RangeInfo& range = cursor(header_side).range();
        if (key < range.min_key) co_return co_await take_record(record_side);
        bool taken = false;
        if (range.max_key < key) taken = co_await take_whole(header_side);
        if (!taken) co_await cursor(header_side).next();
    }

    // What is left of one side when the other has ended.
    Task<void> take_alone(Side side) {
        if (cursor(side).at_record()) co_return co_await take_record(side);
        const bool taken = co_await take_whole(side);
        if (!taken) co_await cursor(side).next();
    }

    // A record that the other side lacks.
    Task<void> take_record(Side side) {
        TreeCursor& own = cursor(side);
        const RecordView& record = own.record();
        co_await advance_base(record.key);
        const RecordView* base = base_record(record.key);
        bool kept = true;
        if (base != nullptr) {
            // Removed by the other side; unchanged or changed by this one.
            kept = base->identity != record.identity && winner(record.key) == side;
        }
        if (kept && side == Side::source) ++summary_.added;
        if (!kept && side == Side::destination) ++summary_.removed;
        if (kept && add(record)) co_await writer_.settle();
        if (!own.step()) co_await own.next();
    }

    Task<void> merge_records() {
        while (source_.at_record() && destination_.at_record()) {
            const int order = source_.record().key.compare(destination_.record().key);
            if (order < 0) {
                co_await take_record(Side::source);
            } else if (order > 0) {
                co_await take_record(Side::destination);
            } else {
                if (source_.record().identity != destination_.record().identity) {
                    co_await advance_base(source_.record().key);
                }
                if (add(chosen())) co_await writer_.settle();
                if (!source_.step()) co_await source_.next();
                if (!destination_.step()) co_await destination_.next();
            }
        }
    }

    // Which of two records of one key to write. Requires the base to have been advanced to it,
    // unless both are the same.
    const RecordView& chosen() {
        const RecordView& source = source_.record();
        const RecordView& destination = destination_.record();
        if (source.identity == destination.identity) return source;
        const RecordView* base = base_record(source.key);
        if (base != nullptr && base->identity == source.identity) return destination;
        const bool only_source_changed = base != nullptr && base->identity == destination.identity;
        if (!only_source_changed && winner(source.key) == Side::destination) return destination;
        ++summary_.changed;
        return source;
    }

    Side winner(std::string_view key) const {
        if (strategy_ == Strategy::source_wins) return Side::source;
        if (strategy_ == Strategy::destination_wins) return Side::destination;
        throw Error(Code::conflict, "both sides changed '" + std::string(key) + "'",
                    "merge_conflict");
    }

    bool add(const RecordView& record) {
        return writer_.add(record.key, record.identity, record.data);
    }

    Tables& tables_;
    std::string storage_namespace_;
    TreeCursor source_;
    TreeCursor destination_;
    TreeCursor base_;
    Strategy strategy_;
    TreeWriter& writer_;
    Summary summary_;
};

}  // namespace

Task<Summary> merge_trees(Tables& tables, MergeTrees trees, Strategy strategy, TreeWriter& writer) {
    Merge merge(tables, std::move(trees), strategy, writer);
    co_return co_await merge.run();
}

}  // namespace tarn::committed
