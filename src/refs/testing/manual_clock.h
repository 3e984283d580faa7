#pragma once

#include <atomic>
#include <chrono>

#include "base/clock.h"

namespace tarn::refs {

// A clock that stands still until it is moved. Threads  Any.
class ManualClock final : public Clock {
public:
    Time now() const override { return Time(std::chrono::nanoseconds(nanos_.load())); }
    void advance(std::chrono::nanoseconds by) { nanos_.fetch_add(by.count()); }

private:
    std::atomic<std::int64_t> nanos_{1'700'000'000'000'000'000};
};

}  // namespace tarn::refs
