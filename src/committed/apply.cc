#include "committed/internal/apply.h"

#include <utility>

#include "committed/internal/tree_cursor.h"

namespace tarn::committed {
namespace {

class Application {
public:
    Application(Tables& tables, Tree base, ChangeSource& changes, TreeWriter& writer)
        : base_(tables, std::move(base), Reading::whole), changes_(changes), writer_(writer) {}

    Task<Summary> run() {
        co_await base_.start();
        co_await changes_.next();
        while (!base_.at_end() && !changes_.at_end()) {
            if (base_.at_header()) {
                co_await pass_header();
            } else {
                co_await merge_records();
            }
        }
        while (!base_.at_end()) {
            if (base_.at_header()) {
                co_await copy_range();
            } else {
                co_await copy_records();
            }
        }
        while (!changes_.at_end()) co_await take_change();
        co_return summary_;
    }

private:
    Task<void> pass_header() {
        if (base_.range().max_key < changes_.change().key) co_return co_await copy_range();
        co_await base_.next();
    }

    Task<void> copy_range() {
        co_await writer_.add_range(base_.range());
        co_await base_.skip();
    }

    // The rest of the entered range.
    Task<void> copy_records() {
        bool more = true;
        while (more) {
            if (add(base_.record())) co_await writer_.settle();
            more = base_.step();
        }
        co_await base_.next();
    }

    // From a record of the base and a change on, as long as neither side has to wait.
    Task<void> merge_records() {
        while (base_.at_record() && !changes_.at_end()) {
            const int order = base_.record().key.compare(changes_.change().key);
            if (order > 0) {
                co_await take_change();
                continue;
            }
            if (order == 0) {
                if (decide()) co_await writer_.settle();
                co_await changes_.next();
            } else if (add(base_.record())) {
                co_await writer_.settle();
            }
            if (!base_.step()) co_return co_await base_.next();
        }
    }

    // A change of a key that the base has. True when a range closed.
    bool decide() {
        const std::optional<Value>& value = changes_.change().value;
        if (!value) {
            ++summary_.removed;
            return false;
        }
        if (value->identity == base_.record().identity) return add(base_.record());
        ++summary_.changed;
        return writer_.add(changes_.change().key, value->identity, value->data);
    }

    // A change of a key that the base lacks.
    Task<void> take_change() {
        const Change& change = changes_.change();
        if (change.value) {
            ++summary_.added;
            if (writer_.add(change.key, change.value->identity, change.value->data)) {
                co_await writer_.settle();
            }
        }
        co_await changes_.next();
    }

    bool add(const RecordView& record) {
        return writer_.add(record.key, record.identity, record.data);
    }

    TreeCursor base_;
    ChangeCursor changes_;
    TreeWriter& writer_;
    Summary summary_;
};

}  // namespace

Task<void> ChangeCursor::next() {
    if (at_ < batch_.size()) ++at_;
    if (at_ < batch_.size()) co_return;
    batch_ = co_await source_.next();
    at_ = 0;
}

Task<Summary> apply_changes(Tables& tables, Tree base, ChangeSource& changes, TreeWriter& writer) {
    Application application(tables, std::move(base), changes, writer);
    co_return co_await application.run();
}

}  // namespace tarn::committed
