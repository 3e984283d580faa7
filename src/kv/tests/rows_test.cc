#include "kv/rocksdb/internal/rows.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <vector>

#include "base/error.h"

namespace tarn::kv::rocks {
namespace {

using namespace std::string_literals;

// Bytes that are likely to confuse, in all combinations up to three.
std::vector<std::string> awkward_strings() {
    const std::string bytes = "\0\1\2a\xfe\xff"s;
    std::vector<std::string> all{""};
    for (std::size_t at = 0; at < all.size(); ++at) {
        if (all[at].size() == 3) continue;
        const std::string begun = all[at];
        for (const char byte : bytes) all.push_back(begun + byte);
    }
    all.erase(all.begin());
    return all;
}

TEST(Rows, SortByPartitionThenByKey) {
    std::vector<Key> keys;
    for (const auto& partition : awkward_strings()) {
        for (const auto& name : {"\0"s, "\0\1"s, "\1"s, "a"s, "\xff"s}) {
            keys.push_back({partition, name});
        }
    }
    std::sort(keys.begin(), keys.end());

    for (std::size_t at = 1; at < keys.size(); ++at) {
        EXPECT_LT(row_name(keys[at - 1]), row_name(keys[at]));
    }
}

TEST(Rows, LieBetweenTheBoundsOfTheirPartitionOnly) {
    const auto all = awkward_strings();
    for (const auto& partition : all) {
        const auto begin = partition_begin(partition);
        const auto end = partition_end(partition);
        for (const auto& other : all) {
            for (const auto& name : {"\0"s, "\xff\xff\xff"s}) {
                const auto row = row_name(other, name);
                EXPECT_EQ(begin <= row && row < end, partition == other);
            }
        }
    }
}

TEST(Rows, TellTheirPartition) {
    for (const auto& partition : awkward_strings()) {
        EXPECT_EQ(partition_of(row_name(partition, "\0\1"s)), partition);
    }
}

TEST(Rows, WithoutAPartitionAreCorrupted) {
    for (const auto& bytes : {""s, "a"s, "a\0"s, "a\0\2b"s, "a\0\xff"s}) {
        EXPECT_THROW(partition_of(bytes), Error);
    }
}

}  // namespace
}  // namespace tarn::kv::rocks
