#include "committed/internal/tree_cursor.h"

#include <utility>

#include "committed/internal/range_record.h"

namespace tarn::committed {

using At = RecordCursor::At;

TreeCursor::TreeCursor(Tables& tables, Tree tree, Reading reading)
    : tables_(tables), tree_(std::move(tree)), reading_(reading) {}

Task<void> TreeCursor::open() {
    if (headers_) co_return;
    std::shared_ptr<const OpenTable> table =
        co_await tables_.open(tree_.storage_namespace, tree_.id, Kind::metarange);
    headers_.emplace(tables_, std::move(table), Reading::sparse);
}

void TreeCursor::take_header(At at) {
    records_.reset();
    pending_.reset();
    place_ = at == At::record ? Place::header : Place::end;
    if (at == At::record) range_ = parse_range_record(headers_->value());
}

Task<void> TreeCursor::start() {
    place_ = Place::end;
    if (tree_.id.empty()) co_return;
    co_await open();
    At at = headers_->seek_first();
    if (at == At::waiting) at = co_await headers_->wait();
    take_header(at);
}

Task<void> TreeCursor::seek(std::string_view key) {
    place_ = Place::end;
    if (tree_.id.empty()) co_return;
    co_await open();
    At at = headers_->seek(key);
    if (at == At::waiting) at = co_await headers_->wait();
    take_header(at);
    if (at_end() || key <= range_.min_key) co_return;
    co_await enter();
    At record = records_->seek(key);
    if (record == At::waiting) record = co_await records_->wait();
    if (record == At::end) co_return co_await skip();
    arrive(record);
}

Task<void> TreeCursor::enter() {
    std::shared_ptr<const OpenTable> table = tables_.find_open(tree_.storage_namespace, range_.id);
    if (!table || table->kind != Kind::range) {
        table = co_await tables_.open(tree_.storage_namespace, range_.id, Kind::range);
    }
    records_.emplace(tables_, std::move(table), reading_);
}

void TreeCursor::arrive(At at) {
    if (at != At::record) {
        pending_ = at;
        return;
    }
    pending_.reset();
    place_ = Place::record;
    record_ = records_->record();
}

bool TreeCursor::step() {
    arrive(records_->next());
    return !pending_;
}

Task<void> TreeCursor::next() {
    if (at_header()) {
        co_await enter();
        arrive(records_->seek_first());
    } else if (!pending_) {
        arrive(records_->next());
    }
    if (pending_ == At::waiting) {
        const At at = co_await records_->wait();
        arrive(at);
    }
    if (pending_) co_await skip();
}

Task<void> TreeCursor::skip() {
    At at = headers_->next();
    if (at == At::waiting) at = co_await headers_->wait();
    take_header(at);
}

}  // namespace tarn::committed
