#include "s3/range.h"

#include <gtest/gtest.h>

namespace tarn::s3 {
namespace {

// "first-last", "all" or "none".
std::string outcome(std::string_view field, std::uint64_t size) {
    const auto wanted = parse_range(field, size);
    if (!wanted.is_satisfiable) return "none";
    if (!wanted.range) return "all";
    return std::to_string(wanted.range->first) + "-" + std::to_string(wanted.range->last);
}

TEST(ParseRange, CutsOneRange) {
    EXPECT_EQ(outcome("bytes=0-3", 10), "0-3");
    EXPECT_EQ(outcome("bytes=5-", 10), "5-9");
    EXPECT_EQ(outcome("bytes=-3", 10), "7-9");
    EXPECT_EQ(outcome("bytes=8-100", 10), "8-9");
    EXPECT_EQ(outcome("bytes=-100", 10), "0-9");
    EXPECT_EQ(outcome("bytes=0-99999999999999999999999", 10), "0-9");
}

TEST(ParseRange, IsUnsatisfiableBehindTheEnd) {
    EXPECT_EQ(outcome("bytes=10-", 10), "none");
    EXPECT_EQ(outcome("bytes=-0", 10), "none");
    EXPECT_EQ(outcome("bytes=0-", 0), "none");
    EXPECT_EQ(outcome("bytes=-1", 0), "none");
    EXPECT_EQ(outcome("bytes=99999999999999999999999-", 10), "none");
}

TEST(ParseRange, IgnoresWhatIsNoSingleRangeOfBytes) {
    for (const auto* field : {"bytes=5-3", "bytes=0-1,3-4", "bytes=abc", "items=0-3", "bytes=-",
                              "Bytes=0-1", "bytes=", "", "bytes=+1-2", "bytes=1-2x"}) {
        EXPECT_EQ(outcome(field, 10), "all") << field;
    }
}

TEST(ParseCopyRange, NeedsBothEnds) {
    EXPECT_TRUE(parse_copy_range("bytes=2-4"));
    for (const auto* field : {"bytes=2-", "bytes=-4", "bytes=4-2", "abc", "2-4"}) {
        EXPECT_FALSE(parse_copy_range(field)) << field;
    }
}

}  // namespace
}  // namespace tarn::s3
