// Range files as foreign bytes: whatever they are, reading them ends in records or in an Error.
// Block checksums are made right first, so that the bytes behind them are reached.

#include <cstddef>
#include <cstdint>
#include <string>

#include "base/error.h"
#include "base/varint.h"
#include "sstable/block.h"
#include "sstable/envelope.h"
#include "sstable/footer.h"
#include "sstable/snappy.h"
#include "sstable/table.h"

namespace tarn::sstable {
namespace {

constexpr int records_max = 10'000;

// Puts the right checksum behind the block, where it lies within the file.
void mend(std::string& file, BlockHandle handle) {
    const std::uint64_t end = handle.offset + handle.size;
    if (end < handle.offset || file.size() < block_trailer_bytes ||
        end > file.size() - block_trailer_bytes) {
        return;
    }
    std::string checksum;
    append_fixed(checksum, block_checksum(std::string_view(file).substr(handle.offset, handle.size),
                                          file[end]));
    file.replace(end + 1, checksum.size(), checksum);
}

void mend_index(std::string& file) {
    const Footer footer =
        parse_footer(std::string_view(file).substr(file.size() - footer_bytes), file.size());
    mend(file, footer.index);
    mend(file, footer.metaindex);
    const auto metaindex = Block::decode(std::string_view(file).substr(
        footer.metaindex.offset, footer.metaindex.size + block_trailer_bytes));
    BlockCursor cursor(0);
    cursor.reset(metaindex);
    while (cursor.next()) {
        std::string_view value = cursor.value();
        BlockHandle handle;
        if (take_handle(value, handle)) mend(file, handle);
    }
}

int walk(TableCursor& cursor, TableCursor::At at, std::string& file) {
    int steps = 0;
    while (at != TableCursor::At::end && steps < records_max) {
        ++steps;
        if (at == TableCursor::At::record) {
            find_envelope(cursor.value());
            at = cursor.next();
            continue;
        }
        const BlockHandle handle = cursor.wanted();
        mend(file, handle);
        at = cursor.supply(Block::decode(
            std::string_view(file).substr(handle.offset, handle.size + block_trailer_bytes)));
    }
    return steps;
}

void read(std::string file) {
    if (file.size() < footer_bytes) return;
    mend_index(file);
    TableOpener opener(file.size());
    while (!opener.supply(std::string_view(file).substr(opener.wanted_offset()))) {
    }
    TableCursor cursor(opener.table());
    walk(cursor, cursor.seek_first(), file);
    walk(cursor, cursor.seek("k"), file);
}

void round_trip(std::string_view input) {
    std::string compressed;
    std::string again;
    snappy_compress(input, compressed);
    CHECK(snappy_decompress(compressed, input.size(), again), "own output decodes");
    CHECK(again == input, "decoding gives what was encoded");
}

}  // namespace
}  // namespace tarn::sstable

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view input(reinterpret_cast<const char*>(data), size);
    tarn::sstable::find_envelope(input);
    tarn::sstable::round_trip(input);
    std::string decoded;
    tarn::sstable::snappy_decompress(input, 1 << 20, decoded);
    try {
        tarn::sstable::read(std::string(input));
    } catch (const tarn::Error&) {
        // What a damaged file ends in.
    }
    return 0;
}
