#include "gc/internal/parquet.h"

#include <gtest/gtest.h>

#include "gc/testing/address_file_reader.h"

namespace tarn::gc {
namespace {

TEST(AddressFile, HoldsTheRowsThatWereAdded) {
    AddressFile file(1 << 20);
    file.add("data/a", 1);
    file.add("", -5);
    file.add(std::string(5'000, 'x'), 1'700'000'000);
    EXPECT_EQ(file.rows(), 3);

    const auto rows = testing::read_addresses(file.finish());

    ASSERT_EQ(rows.size(), 3u);
    EXPECT_EQ(rows[0].address, "data/a");
    EXPECT_EQ(rows[0].created, 1);
    EXPECT_EQ(rows[1].address, "");
    EXPECT_EQ(rows[1].created, -5);
    EXPECT_EQ(rows[2].address, std::string(5'000, 'x'));
    EXPECT_EQ(rows[2].created, 1'700'000'000);
}

TEST(AddressFile, GrowsGroupByGroup) {
    AddressFile file(100);
    std::size_t largest = 0;
    for (int i = 0; i < 1'000; ++i) {
        file.add("data/partition/" + std::to_string(i), i);
        EXPECT_GE(file.size(), largest);
        largest = file.size();
    }

    const auto rows = testing::read_addresses(file.finish());

    EXPECT_GT(largest, 1'000u);
    ASSERT_EQ(rows.size(), 1'000u);
    for (int i = 0; i < 1'000; ++i) {
        EXPECT_EQ(rows[static_cast<std::size_t>(i)].address, "data/partition/" + std::to_string(i));
        EXPECT_EQ(rows[static_cast<std::size_t>(i)].created, i);
    }
}

TEST(AddressFile, WithoutRowsIsAFileStill) {
    EXPECT_TRUE(testing::read_addresses(AddressFile(100).finish()).empty());
}

}  // namespace
}  // namespace tarn::gc
