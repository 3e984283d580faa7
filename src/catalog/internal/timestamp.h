#pragma once

#include "base/clock.h"
#include "catalog/records.pb.h"

namespace tarn::catalog {

inline void write_timestamp(Timestamp& into, Time time) {
    const std::int64_t seconds = unix_seconds(time);
    into.set_seconds(seconds);
    into.set_nanos(static_cast<std::int32_t>((time - from_unix_seconds(seconds)).count()));
}

inline Time read_timestamp(const Timestamp& from) {
    return from_unix_seconds(from.seconds()) + std::chrono::nanoseconds(from.nanos());
}

}  // namespace tarn::catalog
