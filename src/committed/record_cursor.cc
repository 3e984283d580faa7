#include "committed/internal/record_cursor.h"

#include <algorithm>
#include <utility>

#include "base/error.h"
#include "sstable/envelope.h"

namespace tarn::committed {

using sstable::Block;
using sstable::BlockHandle;
using sstable::TableCursor;

RecordCursor::RecordCursor(Tables& tables, std::shared_ptr<const OpenTable> table, Reading reading)
    : tables_(tables), table_(std::move(table)), reading_(reading), cursor_(table_->table) {}

RecordCursor::At RecordCursor::seek_first() {
    return settle(cursor_.seek_first());
}

RecordCursor::At RecordCursor::seek(std::string_view key) {
    return settle(cursor_.seek(key));
}

RecordCursor::At RecordCursor::next() {
    return settle(cursor_.next());
}

RecordView RecordCursor::record() const {
    const sstable::Envelope envelope = sstable::parse_envelope(cursor_.value());
    return {cursor_.key(), envelope.identity, envelope.data};
}

RecordCursor::At RecordCursor::settle(TableCursor::At at) {
    while (at == TableCursor::At::block_wanted) {
        std::shared_ptr<const Block> block = block_at_hand();
        if (!block) return At::waiting;
        at = cursor_.supply(std::move(block));
    }
    return at == TableCursor::At::record ? At::record : At::end;
}

// How much to read from the wanted block on.
std::uint64_t RecordCursor::ahead_bytes() const {
    const BlockHandle wanted = cursor_.wanted();
    const std::uint64_t block = wanted.size + sstable::block_trailer_bytes;
    const std::uint64_t rest = table_->bytes->size() - wanted.offset;
    return std::max(block, std::min(rest, table_->bytes->read_ahead_bytes()));
}

// The wanted block out of what was read ahead; nothing when it is not in there whole and intact.
std::shared_ptr<const Block> RecordCursor::block_ahead() const {
    const BlockHandle wanted = cursor_.wanted();
    if (wanted.offset < ahead_offset_) return nullptr;
    const std::uint64_t from = wanted.offset - ahead_offset_;
    const std::uint64_t size = wanted.size + sstable::block_trailer_bytes;
    if (from > ahead_.size() || size > ahead_.size() - from) return nullptr;
    try {
        return Block::decode(std::string_view(ahead_).substr(from, size));
    } catch (const Error&) {
        return nullptr;
    }
}

std::shared_ptr<const Block> RecordCursor::block_at_hand() {
    const BlockHandle wanted = cursor_.wanted();
    if (reading_ == Reading::sparse || !cursor_.wants_data()) {
        return tables_.find_block(*table_, wanted);
    }
    std::shared_ptr<const Block> block = block_ahead();
    if (block) return block;
    ahead_.clear();
    ahead_offset_ = wanted.offset;
    if (!table_->bytes->try_read(wanted.offset, ahead_bytes(), ahead_)) return nullptr;
    return block_ahead();
}

Task<RecordCursor::At> RecordCursor::wait() {
    At at = At::waiting;
    while (at == At::waiting) {
        std::shared_ptr<const Block> block;
        if (reading_ == Reading::whole && cursor_.wants_data()) {
            ahead_offset_ = cursor_.wanted().offset;
            ahead_ = co_await table_->bytes->read(ahead_offset_, ahead_bytes());
            block = block_ahead();
        }
        if (!block) {
            // Also where what was read is damaged, which the tables know how to deal with.
            block = co_await tables_.block(table_, cursor_.wanted());
        }
        at = settle(cursor_.supply(std::move(block)));
    }
    co_return at;
}

}  // namespace tarn::committed
