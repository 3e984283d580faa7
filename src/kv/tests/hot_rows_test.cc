#include "kv/rocksdb/internal/hot_rows.h"

#include <gtest/gtest.h>

#include <optional>

namespace tarn::kv::rocks {
namespace {

constexpr std::size_t budget = 1024 * 1024;

// What is kept of a row; the ticket of a miss goes into `ticket`.
std::optional<std::string> find(HotRows& rows, std::string_view row, HotRows::Ticket& ticket) {
    std::string value;
    if (!rows.find(row, value, ticket)) return std::nullopt;
    return value;
}

std::optional<std::string> find(HotRows& rows, std::string_view row) {
    HotRows::Ticket ticket;
    return find(rows, row, ticket);
}

void read_through(HotRows& rows, std::string_view row, std::string_view value) {
    HotRows::Ticket ticket;
    if (!find(rows, row, ticket)) rows.remember(row, value, ticket);
}

void write_through(HotRows& rows, std::string_view row, std::string_view value) {
    const bool was_hot = rows.begin_write(row);
    rows.end_write(row, was_hot ? &value : nullptr);
}

TEST(HotRows, KeepWhatWasRead) {
    HotRows rows(budget);
    read_through(rows, "row", "value");

    EXPECT_EQ(find(rows, "row"), "value");
    EXPECT_EQ(find(rows, "other"), std::nullopt);
}

TEST(HotRows, AreWrittenThrough) {
    HotRows rows(budget);
    read_through(rows, "row", "old");
    write_through(rows, "row", "new");

    EXPECT_EQ(find(rows, "row"), "new");
}

TEST(HotRows, DoNotKeepWhatIsOnlyWritten) {
    HotRows rows(budget);
    write_through(rows, "row", "new");

    EXPECT_EQ(find(rows, "row"), std::nullopt);
}

TEST(HotRows, AnswerNothingWhileTheRowIsWritten) {
    HotRows rows(budget);
    read_through(rows, "row", "old");

    EXPECT_TRUE(rows.begin_write("row"));

    EXPECT_EQ(find(rows, "row"), std::nullopt);
}

TEST(HotRows, ForgetARowThatIsRemovedOrWhoseWriteFailed) {
    HotRows rows(budget);
    read_through(rows, "row", "old");
    rows.begin_write("row");
    rows.end_write("row", nullptr);

    EXPECT_EQ(find(rows, "row"), std::nullopt);
}

TEST(HotRows, IgnoreAValueReadBeforeAWriteBegan) {
    HotRows rows(budget);
    HotRows::Ticket ticket;
    find(rows, "row", ticket);
    rows.begin_write("row");
    rows.end_write("row", nullptr);

    rows.remember("row", "old", ticket);

    EXPECT_EQ(find(rows, "row"), std::nullopt);
}

TEST(HotRows, IgnoreAValueReadDuringAWrite) {
    HotRows rows(budget);
    rows.begin_write("row");
    HotRows::Ticket ticket;
    find(rows, "row", ticket);

    rows.remember("row", "old", ticket);
    rows.end_write("row", nullptr);
    rows.remember("row", "old", ticket);

    EXPECT_EQ(find(rows, "row"), std::nullopt);
}

TEST(HotRows, StayWithinTheirBudgetAndForgetTheLongestUnused) {
    HotRows rows(budget);
    read_through(rows, "in use", "value");
    for (int at = 0; at < 100'000; ++at) {
        read_through(rows, "row " + std::to_string(at), std::string(100, 'x'));
        ASSERT_EQ(find(rows, "in use"), "value");
    }

    EXPECT_LE(rows.bytes(), budget);
    EXPECT_GT(rows.bytes(), budget / 2);
    EXPECT_EQ(find(rows, "row 0"), std::nullopt);
    EXPECT_EQ(find(rows, "row 99999"), std::string(100, 'x'));
}

TEST(HotRows, DoNotKeepLargeValues) {
    HotRows rows(budget);
    read_through(rows, "row", std::string(HotRows::value_bytes_max + 1, 'x'));

    EXPECT_EQ(find(rows, "row"), std::nullopt);
}

TEST(HotRows, WithoutABudgetKeepNothing) {
    HotRows rows(0);
    read_through(rows, "row", "value");

    EXPECT_EQ(find(rows, "row"), std::nullopt);
}

}  // namespace
}  // namespace tarn::kv::rocks
