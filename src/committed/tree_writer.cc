#include "committed/internal/tree_writer.h"

#include <boost/asio/this_coro.hpp>
#include <chrono>
#include <utility>

#include "base/error.h"
#include "committed/internal/range_record.h"
#include "sstable/envelope.h"

namespace tarn::committed {
namespace {

sstable::UserProperties typed(sstable::UserProperties properties, const char* type) {
    properties["type"] = type;
    return properties;
}

}  // namespace

TreeWriter::TreeWriter(Tables& tables, const TreesOptions& options, std::string storage_namespace,
                       const sstable::UserProperties& properties)
    : tables_(tables),
      storage_namespace_(std::move(storage_namespace)),
      splitter_{options.min_range_size_bytes, options.max_range_size_bytes,
                options.range_raggedness_entries},
      range_properties_(typed(properties, "ranges")),
      metarange_(typed(properties, "metaranges")),
      uploads_max_(options.uploaders_per_writer) {}

bool TreeWriter::add(std::string_view key, std::string_view identity, std::string_view data) {
    if (!range_) {
        if (metarange_.count() > 0 && key <= last_key_) {
            throw Error(Code::invalid_argument, "records of a tree are out of order");
        }
        range_ = std::make_unique<sstable::Writer>(range_properties_);
    }
    value_.clear();
    sstable::append_envelope(value_, identity, data);
    range_->add(key, value_);
    if (!splitter_.closes_after(key, range_->estimated_size())) return false;
    close_range();
    return true;
}

void TreeWriter::close_range() {
    sstable::Written written = range_->finish();
    range_.reset();
    RangeInfo range;
    range.id = std::move(written.id);
    range.min_key = std::move(written.min_key);
    range.max_key = std::move(written.max_key);
    range.count = written.count;
    range.estimated_size = written.estimated_size;
    add_header(range);
    closed_.push_back({range.id, std::make_shared<const std::string>(std::move(written.bytes))});
}

void TreeWriter::add_header(const RangeInfo& range) {
    if (metarange_.count() > 0 && range.min_key <= last_key_) {
        throw Error(Code::invalid_argument, "ranges of a tree overlap");
    }
    last_key_ = range.max_key;
    metarange_.add(range.max_key, range_record(range));
}

Task<void> TreeWriter::upload(std::string id, Kind kind, std::shared_ptr<const std::string> bytes) {
    try {
        co_await tables_.put(storage_namespace_, std::move(id), kind, std::move(bytes));
    } catch (...) {
        if (!failure_) failure_ = std::current_exception();
    }
    --uploads_;
    landed_.notify();
}

Task<void> TreeWriter::wait_for_fewer_than(int uploads) {
    while (uploads_ >= uploads) {
        landed_ = Signal();
        const Signal landed = landed_;
        co_await landed.wait();
    }
}

Task<void> TreeWriter::settle() {
    while (!closed_.empty()) {
        co_await wait_for_fewer_than(uploads_max_);
        if (failure_) std::rethrow_exception(failure_);
        Closed closed = std::move(closed_.back());
        closed_.pop_back();
        ++uploads_;
        const auto executor = co_await boost::asio::this_coro::executor;
        start_on(executor.context(), [this, closed = std::move(closed)]() -> Task<void> {
            return upload(closed.id, Kind::range, closed.bytes);
        });
        // Lets it begin, so that storing goes on beside the writing of the next range.
        co_await sleep_for(std::chrono::milliseconds(0));
    }
}

Task<void> TreeWriter::add_range(RangeInfo range) {
    if (range_) {
        close_range();
        co_await settle();
    }
    add_header(range);
}

// The last ranges and the metarange are stored side by side: nobody knows the id before all are.
Task<std::string> TreeWriter::finish() {
    if (range_) close_range();
    co_await settle();
    sstable::Written written = metarange_.finish();
    std::string id = written.id;
    auto bytes = std::make_shared<const std::string>(std::move(written.bytes));
    ++uploads_;
    co_await upload(id, Kind::metarange, std::move(bytes));
    co_await wait_for_fewer_than(1);
    if (failure_) std::rethrow_exception(failure_);
    co_return id;
}

Task<void> TreeWriter::join() {
    co_await wait_for_fewer_than(1);
}

}  // namespace tarn::committed
