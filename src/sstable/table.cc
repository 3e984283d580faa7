#include "sstable/table.h"

#include <algorithm>
#include <utility>

#include "base/error.h"
#include "sstable/footer.h"
#include "sstable/properties.h"

namespace tarn::sstable {
namespace {

constexpr std::uint64_t tail_bytes = 8 * 1024;
constexpr std::size_t trailer_bytes = 8;

}  // namespace

std::size_t Table::memory_bytes() const {
    std::size_t sum = sizeof(Table) + index->memory_bytes();
    for (const auto& [name, value] : properties) sum += 96 + name.size() + value.size();
    return sum;
}

TableOpener::TableOpener(std::uint64_t file_bytes) : file_bytes_(file_bytes) {
    if (file_bytes < footer_bytes) throw Error(Code::corrupted, "range file is too short");
    wanted_ = file_bytes - std::min(file_bytes, tail_bytes);
}

// Whether `handle` is in what has been supplied; if not, asks for it.
bool TableOpener::reaches(BlockHandle handle) {
    if (handle.offset >= wanted_) return true;
    wanted_ = handle.offset;
    return false;
}

std::shared_ptr<const Block> TableOpener::block(std::string_view tail, BlockHandle handle) const {
    return Block::decode(tail.substr(handle.offset - wanted_, handle.size + block_trailer_bytes));
}

bool TableOpener::supply(std::string_view tail) {
    if (tail.size() != file_bytes_ - wanted_) throw Error(Code::corrupted, "range file is cut off");
    const Footer footer = parse_footer(tail.substr(tail.size() - footer_bytes), file_bytes_);
    const bool has_index = reaches(footer.index);
    if (!reaches(footer.metaindex) || !has_index) return false;

    BlockCursor metaindex(0);
    metaindex.reset(block(tail, footer.metaindex));
    BlockHandle properties_handle;
    bool found = false;
    while (!found && metaindex.next()) {
        if (metaindex.key() != properties_block_name) continue;
        std::string_view value = metaindex.value();
        found = take_handle(value, properties_handle);
    }
    if (!found) throw Error(Code::corrupted, "range file has no properties");
    check_handle(properties_handle, file_bytes_);
    if (!reaches(properties_handle)) return false;

    TableProperties properties = parse_properties(block(tail, properties_handle));
    auto table = std::make_shared<Table>();
    table->file_bytes = file_bytes_;
    table->properties = std::move(properties.user);
    table->two_level_index = properties.two_level_index;
    table->index = block(tail, footer.index);
    table_ = std::move(table);
    return true;
}

TableCursor::TableCursor(std::shared_ptr<const Table> table)
    : table_(std::move(table)),
      top_(trailer_bytes),
      partition_(trailer_bytes),
      data_(trailer_bytes) {}

TableCursor::At TableCursor::seek_first() {
    seeking_ = false;
    partition_.clear();
    data_.clear();
    top_.reset(table_->index);
    return descend();
}

TableCursor::At TableCursor::seek(std::string_view key) {
    seeking_ = true;
    target_ = key;
    partition_.clear();
    data_.clear();
    top_.reset(table_->index);
    if (!top_.seek(key)) return At::end;
    if (table_->two_level_index) return want(top_.value(), false);
    return want(top_.value(), true);
}

TableCursor::At TableCursor::next() {
    if (data_.next()) return At::record;
    seeking_ = false;
    return descend();
}

// To the next data block.
TableCursor::At TableCursor::descend() {
    if (table_->two_level_index) {
        if (partition_.has_block() && partition_.next()) return want(partition_.value(), true);
        return top_.next() ? want(top_.value(), false) : At::end;
    }
    return top_.next() ? want(top_.value(), true) : At::end;
}

TableCursor::At TableCursor::want(std::string_view encoded_handle, bool data) {
    if (!take_handle(encoded_handle, wanted_)) {
        throw Error(Code::corrupted, "range file has a malformed index entry");
    }
    check_handle(wanted_, table_->file_bytes);
    wants_data_ = data;
    return At::block_wanted;
}

bool TableCursor::position(BlockCursor& cursor) {
    return seeking_ ? cursor.seek(target_) : cursor.next();
}

TableCursor::At TableCursor::supply(std::shared_ptr<const Block> block) {
    BlockCursor& cursor = wants_data_ ? data_ : partition_;
    cursor.reset(std::move(block));
    const bool found = position(cursor);
    if (!wants_data_ && found) return want(partition_.value(), true);
    if (!wants_data_) partition_.clear();
    return found ? At::record : descend();
}

}  // namespace tarn::sstable
