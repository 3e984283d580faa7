#pragma once

#include <chrono>
#include <cstdint>
#include <string>

namespace tarn {

// An instant: nanoseconds since 1970 UTC, as stored in records.
using Time = std::chrono::sys_time<std::chrono::nanoseconds>;

// Tells the time; passed in, so that tests set it.
class Clock {
public:
    virtual ~Clock() = default;
    virtual Time now() const = 0;
};

class SystemClock final : public Clock {
public:
    Time now() const override;
};

// Whole seconds since 1970, rounded towards minus infinity.
std::int64_t unix_seconds(Time time);
Time from_unix_seconds(std::int64_t seconds);

// "2024-01-31T15:04:05Z", with up to nine digits of a second's fraction when it is not zero.
std::string format_rfc3339(Time time);

// "Wed, 31 Jan 2024 15:04:05 GMT" (RFC 9110).
std::string format_http_date(Time time);

}  // namespace tarn
