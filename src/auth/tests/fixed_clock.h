#pragma once

#include "base/clock.h"

namespace tarn::auth {

// A clock that stands still until it is moved.
class FixedClock final : public Clock {
public:
    explicit FixedClock(Time time) : time_(time) {}
    Time now() const override { return time_; }
    void move(std::chrono::nanoseconds by) { time_ += by; }

private:
    Time time_;
};

}  // namespace tarn::auth
