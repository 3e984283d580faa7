#include "base/clock.h"

#include <gtest/gtest.h>

namespace tarn {
namespace {

TEST(Clock, FormatsTheDateOfRfc9110) {
    EXPECT_EQ(format_http_date(from_unix_seconds(784111777)), "Sun, 06 Nov 1994 08:49:37 GMT");
    EXPECT_EQ(format_http_date(from_unix_seconds(0)), "Thu, 01 Jan 1970 00:00:00 GMT");
}

TEST(Clock, FormatsRfc3339WithOnlyTheDigitsThatCount) {
    const Time whole = from_unix_seconds(1706713445);

    EXPECT_EQ(format_rfc3339(whole), "2024-01-31T15:04:05Z");
    EXPECT_EQ(format_rfc3339(whole + std::chrono::milliseconds(120)), "2024-01-31T15:04:05.12Z");
    EXPECT_EQ(format_rfc3339(whole + std::chrono::nanoseconds(1)),
              "2024-01-31T15:04:05.000000001Z");
}

TEST(Clock, RoundsSecondsTowardsMinusInfinity) {
    EXPECT_EQ(unix_seconds(Time(std::chrono::nanoseconds(-1))), -1);
    EXPECT_EQ(unix_seconds(Time(std::chrono::nanoseconds(1999999999))), 1);
}

}  // namespace
}  // namespace tarn
