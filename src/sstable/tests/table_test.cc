#include "sstable/table.h"

#include <gtest/gtest.h>

#include <map>
#include <random>
#include <string>

#include "base/error.h"
#include "sstable/testing/memory_table.h"
#include "sstable/writer.h"

namespace tarn::sstable {
namespace {

using testing::MemoryTable;
using Records = std::map<std::string, std::string>;

Records random_records(std::uint64_t seed, int count, int value_bytes_max) {
    std::mt19937_64 random(seed);
    Records records;
    while (static_cast<int>(records.size()) < count) {
        std::string key(1 + random() % 12, '\0');
        for (char& c : key)
            c = "\x00\x01"
                "ab\xff"[random() % 5];
        key += std::to_string(random() % 1'000'000);
        std::string value(random() % static_cast<unsigned>(value_bytes_max), '\0');
        for (char& c : value) c = static_cast<char>(random() % 7 == 0 ? random() : 'x');
        records.emplace(std::move(key), std::move(value));
    }
    return records;
}

std::string file_of(const Records& records) {
    Writer writer({{"type", "ranges"}});
    for (const auto& [key, value] : records) writer.add(key, value);
    return writer.finish().bytes;
}

Records read_all(const std::string& file) {
    const auto all = MemoryTable(file).records();
    return Records(all.begin(), all.end());
}

void expect_seek(const MemoryTable& table, const Records& records, const std::string& key) {
    const auto expected = records.lower_bound(key);
    const MemoryTable::Found found = table.seek(key);
    ASSERT_EQ(found.found, expected != records.end());
    if (!found.found) return;
    EXPECT_EQ(found.key, expected->first);
    EXPECT_EQ(found.value, expected->second);
}

class TableOf : public ::testing::TestWithParam<int> {};

TEST_P(TableOf, GivesBackWhatWasWritten) {
    const Records records = random_records(1, GetParam(), 120);

    EXPECT_EQ(read_all(file_of(records)), records);
}

TEST_P(TableOf, SeeksToTheFirstRecordAtOrAfterAKey) {
    const Records records = random_records(2, GetParam(), 60);
    const std::string file = file_of(records);
    const MemoryTable table(file);

    int number = 0;
    for (const auto& [key, _] : records) {
        if (number++ % (1 + GetParam() / 1'000) != 0) continue;  // some of many
        expect_seek(table, records, key);
        expect_seek(table, records, key + '\0');
        expect_seek(table, records, key.substr(0, key.size() - 1));
    }
    expect_seek(table, records, "");
    expect_seek(table, records, std::string(20, '\xff'));
}

INSTANTIATE_TEST_SUITE_P(Sizes, TableOf, ::testing::Values(0, 1, 2, 17, 500, 20'000));

TEST(Table, OfManyRecordsHasATwoLevelIndex) {
    const std::string file = file_of(random_records(3, 20'000, 100));

    EXPECT_TRUE(MemoryTable(file).table().two_level_index);
}

TEST(Table, TellsTheUsersProperties) {
    const std::string file = file_of({{"a", "1"}, {"b", "2"}});
    const MemoryTable table(file);

    const std::map<std::string, std::string> expected = {
        {"type", "ranges"}, {"count", "2"},   {"estimated_size_bytes", "38"},
        {"min_key", "a"},   {"max_key", "b"},
    };
    EXPECT_EQ(table.table().properties, expected);
}

TEST(Table, KeepsValuesLargerThanABlock) {
    const Records records = {{"a", std::string(100'000, 'v')}, {"b", ""}, {"c", "x"}};

    EXPECT_EQ(read_all(file_of(records)), records);
}

// What a damaged file reads as: its records, or nothing after an Error.
std::optional<Records> read_damaged(const std::string& file) {
    try {
        return read_all(file);
    } catch (const Error& error) {
        EXPECT_EQ(error.code(), Code::corrupted);
        return std::nullopt;
    }
}

TEST(Table, NoticesEveryDamagedByte) {
    const Records records = random_records(4, 60, 40);
    const std::string file = file_of(records);

    for (std::size_t at = 0; at < file.size(); ++at) {
        for (const int flip : {0x01, 0x80, 0xff}) {
            std::string damaged = file;
            damaged[at] = static_cast<char>(damaged[at] ^ flip);
            const auto read = read_damaged(damaged);
            if (read) ASSERT_EQ(*read, records) << at;
        }
    }
}

TEST(Table, NoticesMissingBytes) {
    const std::string file = file_of(random_records(5, 60, 40));

    for (std::size_t size = 0; size < file.size(); ++size) {
        EXPECT_FALSE(read_damaged(file.substr(0, size)).has_value()) << size;
    }
}

}  // namespace
}  // namespace tarn::sstable
