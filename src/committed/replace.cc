#include "committed/internal/replace.h"

#include <algorithm>
#include <utility>

#include "committed/internal/tree_cursor.h"

namespace tarn::committed {

Prefixes::Prefixes(std::vector<std::string> prefixes) : sorted_(std::move(prefixes)) {
    std::ranges::sort(sorted_);
    const auto last = std::unique(
        sorted_.begin(), sorted_.end(),
        [](const std::string& kept, const std::string& next) { return next.starts_with(kept); });
    sorted_.erase(last, sorted_.end());
}

const std::string* Prefixes::find(std::string_view key) const {
    // Of prefixes none of which begins with another, only the greatest not above the key can fit.
    auto at = std::ranges::upper_bound(sorted_, key, std::less<>());
    if (at == sorted_.begin()) return nullptr;
    --at;
    return key.starts_with(*at) ? &*at : nullptr;
}

bool Prefixes::cover(std::string_view key) const {
    return find(key) != nullptr;
}

bool Prefixes::cover(std::string_view min, std::string_view max) const {
    const std::string* prefix = find(min);
    return prefix != nullptr && max.starts_with(*prefix);
}

bool Prefixes::touch(std::string_view min, std::string_view max) const {
    if (find(min) != nullptr) return true;
    const auto next = std::ranges::upper_bound(sorted_, min, std::less<>());
    return next != sorted_.end() && *next <= max;
}

namespace {

class Replacement {
public:
    Replacement(Tables& tables, Tree source, Tree destination, Prefixes prefixes,
                TreeWriter& writer)
        : source_(tables, std::move(source), Reading::whole),
          destination_(tables, std::move(destination), Reading::whole),
          prefixes_(std::move(prefixes)),
          writer_(writer) {}

    Task<Summary> run() {
        co_await source_.start();
        co_await destination_.start();
        while (!source_.at_end() || !destination_.at_end()) {
            if (destination_.at_end()) {
                co_await take(source_);
            } else if (source_.at_end()) {
                co_await take_destination();
            } else if (source_.at_header() && destination_.at_header()) {
                co_await pass_headers();
            } else if (source_.at_record() && destination_.at_record()) {
                co_await pass_records();
            } else {
                co_await pass_header_and_record();
            }
        }
        co_return summary_;
    }

private:
    bool is_source(const TreeCursor& cursor) const { return &cursor == &source_; }

    // The whole range or the record that the cursor stands at.
    Task<void> take(TreeCursor& cursor) {
        if (cursor.at_header()) {
            if (is_source(cursor)) summary_.added += cursor.range().count;
            co_await writer_.add_range(cursor.range());
            co_return co_await cursor.skip();
        }
        if (is_source(cursor)) ++summary_.added;
        const RecordView& record = cursor.record();
        if (writer_.add(record.key, record.identity, record.data)) co_await writer_.settle();
        if (!cursor.step()) co_await cursor.next();
    }

    // What the destination has alone here: taken, dropped, or entered to tell record from record.
    Task<void> take_destination() {
        if (destination_.at_record()) {
            if (!prefixes_.cover(destination_.record().key)) co_return co_await take(destination_);
            ++summary_.removed;
            if (!destination_.step()) co_await destination_.next();
            co_return;
        }
        const RangeInfo& range = destination_.range();
        if (!prefixes_.touch(range.min_key, range.max_key)) co_return co_await take(destination_);
        if (!prefixes_.cover(range.min_key, range.max_key)) co_return co_await destination_.next();
        summary_.removed += range.count;
        co_await destination_.skip();
    }

    Task<void> pass_headers() {
        const RangeInfo& source = source_.range();
        const RangeInfo& destination = destination_.range();
        if (source.id == destination.id) {
            co_await writer_.add_range(source);
            co_await source_.skip();
            co_return co_await destination_.skip();
        }
        if (prefixes_.cover(destination.min_key, destination.max_key)) {
            co_return co_await take_destination();
        }
        if (source.max_key < destination.min_key) co_return co_await take(source_);
        if (destination.max_key < source.min_key) co_return co_await take_destination();
        co_await source_.next();
        co_await destination_.next();
    }

    Task<void> pass_header_and_record() {
        if (source_.at_record()) {
            const RangeInfo& range = destination_.range();
            if (source_.record().key < range.min_key) co_return co_await take(source_);
            if (range.max_key < source_.record().key) co_return co_await take_destination();
            co_return co_await destination_.next();
        }
        const RangeInfo& range = source_.range();
        const std::string_view key = destination_.record().key;
        if (key < range.min_key || prefixes_.cover(key)) co_return co_await take_destination();
        if (range.max_key < key) co_return co_await take(source_);
        co_await source_.next();
    }

    Task<void> pass_records() {
        while (source_.at_record() && destination_.at_record()) {
            const int order = source_.record().key.compare(destination_.record().key);
            if (order < 0) {
                co_await take(source_);
            } else if (order > 0) {
                co_await take_destination();
            } else {
                count_replaced();
                const RecordView& record = source_.record();
                if (writer_.add(record.key, record.identity, record.data)) {
                    co_await writer_.settle();
                }
                if (!source_.step()) co_await source_.next();
                if (!destination_.step()) co_await destination_.next();
            }
        }
    }

    void count_replaced() {
        if (source_.record().identity != destination_.record().identity) ++summary_.changed;
    }

    TreeCursor source_;
    TreeCursor destination_;
    const Prefixes prefixes_;
    TreeWriter& writer_;
    Summary summary_;
};

}  // namespace

Task<Summary> replace_keys(Tables& tables, Tree source, Tree destination, Prefixes prefixes,
                           TreeWriter& writer) {
    Replacement replacement(tables, std::move(source), std::move(destination), std::move(prefixes),
                            writer);
    co_return co_await replacement.run();
}

}  // namespace tarn::committed
