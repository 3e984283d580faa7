#pragma once

#include <algorithm>
#include <cstdint>

#include "base/clock.h"

namespace tarn {

// Times in stored records: protobuf's Timestamp, which every room declares in its own package.
// `Timestamp` is such a message. Nothing here needs protobuf itself.

// Seconds beyond these, before 1678 and after 2261, lie outside of what Time holds.
inline constexpr std::int64_t time_seconds_max = 9'223'372'035;

template <class Timestamp>
bool fits_time(const Timestamp& from) {
    return from.seconds() >= -time_seconds_max && from.seconds() <= time_seconds_max;
}

template <class Timestamp>
void write_timestamp(Timestamp& into, Time time) {
    const std::int64_t seconds = unix_seconds(time);
    into.set_seconds(seconds);
    into.set_nanos(static_cast<std::int32_t>((time - from_unix_seconds(seconds)).count()));
}

// Times that do not fit are clamped: they come from outside only, as a commit's explicit date.
template <class Timestamp>
Time read_timestamp(const Timestamp& from) {
    const std::int64_t seconds = std::clamp(from.seconds(), -time_seconds_max, time_seconds_max);
    return from_unix_seconds(seconds) + std::chrono::nanoseconds(from.nanos());
}

}  // namespace tarn
