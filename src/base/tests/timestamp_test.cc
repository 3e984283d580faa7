#include "base/timestamp.h"

#include <gtest/gtest.h>

#include <limits>

namespace tarn {
namespace {

// What the messages of the rooms offer.
class Stored {
public:
    std::int64_t seconds() const { return seconds_; }
    std::int32_t nanos() const { return nanos_; }
    void set_seconds(std::int64_t seconds) { seconds_ = seconds; }
    void set_nanos(std::int32_t nanos) { nanos_ = nanos; }

private:
    std::int64_t seconds_ = 0;
    std::int32_t nanos_ = 0;
};

TEST(Timestamps, ComeBackAsTheyWereWritten) {
    const Time before_1970 = from_unix_seconds(-3) + std::chrono::nanoseconds(7);
    Stored stored;

    write_timestamp(stored, before_1970);

    EXPECT_EQ(stored.seconds(), -3);
    EXPECT_EQ(stored.nanos(), 7);
    EXPECT_EQ(read_timestamp(stored), before_1970);
}

TEST(Timestamps, ThatNoTimeHoldsAreClamped) {
    Stored stored;
    stored.set_seconds(std::numeric_limits<std::int64_t>::max());

    EXPECT_FALSE(fits_time(stored));
    EXPECT_EQ(read_timestamp(stored), from_unix_seconds(time_seconds_max));
}

}  // namespace
}  // namespace tarn
