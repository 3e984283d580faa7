// The range-file codec alone: a million records of 200 bytes, as a commit writes and a listing or a
// diff reads them.

#include <benchmark/benchmark.h>

#include <cstdio>
#include <random>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/digest.h"
#include "sstable/envelope.h"
#include "sstable/table.h"
#include "sstable/writer.h"

namespace tarn::sstable {
namespace {

constexpr int records_count = 1'000'000;

std::string key_of(int number) {
    char key[48];
    std::snprintf(key, sizeof key, "data/part-%04d/file-%09d.parquet", number / 4'000, number);
    return key;
}

std::string value_of(int number) {
    const std::string seed = std::to_string(number);
    const Sha256Digest digest = sha256(seed);
    std::string data =
        "\x0a\x2e"
        "data/gk3l4p7nl532qibsgkv0/";
    data += std::string_view(reinterpret_cast<const char*>(digest.data()), 20);
    data += "\x12\x0b\x08\x80\xe2\xcf\xaa\x06\x10";
    data += std::string_view(reinterpret_cast<const char*>(digest.data()) + 20, 4);
    data +=
        "\x22\x20"
        "5eb63bbbe01eeed093cb22bb8f5acdc3"
        "\x30\x01\x3a\x18"
        "application/octet-stream";
    std::string value;
    append_envelope(value, as_view(digest), data);
    return value;
}

const std::vector<std::pair<std::string, std::string>>& records() {
    static const auto all = [] {
        std::vector<std::pair<std::string, std::string>> made;
        made.reserve(records_count);
        for (int i = 0; i < records_count; ++i) made.emplace_back(key_of(i), value_of(i));
        return made;
    }();
    return all;
}

Written write_all() {
    Writer writer({{"type", "ranges"}});
    for (const auto& [key, value] : records()) writer.add(key, value);
    return writer.finish();
}

const std::string& file() {
    static const std::string bytes = write_all().bytes;
    return bytes;
}

std::shared_ptr<const Table> open_file() {
    TableOpener opener(file().size());
    while (!opener.supply(std::string_view(file()).substr(opener.wanted_offset()))) {
    }
    return opener.table();
}

TableCursor::At settle(TableCursor& cursor, TableCursor::At at) {
    while (at == TableCursor::At::block_wanted) {
        const BlockHandle handle = cursor.wanted();
        at = cursor.supply(Block::decode(
            std::string_view(file()).substr(handle.offset, handle.size + block_trailer_bytes)));
    }
    return at;
}

void BM_Write(benchmark::State& state) {
    records();
    for (auto _ : state) benchmark::DoNotOptimize(write_all());
    state.SetItemsProcessed(state.iterations() * records_count);
}
BENCHMARK(BM_Write)->Unit(benchmark::kMillisecond);

void BM_Scan(benchmark::State& state) {
    const auto table = open_file();
    for (auto _ : state) {
        TableCursor cursor(table);
        std::uint64_t bytes = 0;
        auto at = settle(cursor, cursor.seek_first());
        while (at == TableCursor::At::record) {
            const Envelope envelope = parse_envelope(cursor.value());
            bytes += cursor.key().size() + envelope.data.size();
            at = settle(cursor, cursor.next());
        }
        benchmark::DoNotOptimize(bytes);
    }
    state.SetItemsProcessed(state.iterations() * records_count);
}
BENCHMARK(BM_Scan)->Unit(benchmark::kMillisecond);

void BM_SeekAndDecodeBlocks(benchmark::State& state) {
    const auto table = open_file();
    std::mt19937_64 random(1);
    TableCursor cursor(table);
    for (auto _ : state) {
        const std::string& key = records()[random() % records_count].first;
        benchmark::DoNotOptimize(settle(cursor, cursor.seek(key)));
    }
}
BENCHMARK(BM_SeekAndDecodeBlocks);

}  // namespace
}  // namespace tarn::sstable

BENCHMARK_MAIN();
