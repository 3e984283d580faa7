#include "base/clock.h"

#include <fmt/format.h>

#include <array>

namespace tarn {
namespace {

constexpr std::array<const char*, 7> weekday_names = {"Sun", "Mon", "Tue", "Wed",
                                                      "Thu", "Fri", "Sat"};
constexpr std::array<const char*, 12> month_names = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                     "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

// An instant taken apart in UTC.
struct Civil {
    explicit Civil(Time time)
        : days(std::chrono::floor<std::chrono::days>(time)), date(days), clock(time - days) {}

    int year() const { return static_cast<int>(date.year()); }
    unsigned month() const { return static_cast<unsigned>(date.month()); }
    unsigned day() const { return static_cast<unsigned>(date.day()); }

    std::chrono::sys_days days;
    std::chrono::year_month_day date;
    std::chrono::hh_mm_ss<std::chrono::nanoseconds> clock;
};

}  // namespace

Time SystemClock::now() const {
    return std::chrono::time_point_cast<std::chrono::nanoseconds>(std::chrono::system_clock::now());
}

std::int64_t unix_seconds(Time time) {
    return std::chrono::floor<std::chrono::seconds>(time).time_since_epoch().count();
}

Time from_unix_seconds(std::int64_t seconds) {
    return Time(std::chrono::seconds(seconds));
}

std::string format_rfc3339(Time time) {
    const Civil civil(time);
    std::string text = fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}", civil.year(),
                                   civil.month(), civil.day(), civil.clock.hours().count(),
                                   civil.clock.minutes().count(), civil.clock.seconds().count());
    const auto fraction = civil.clock.subseconds().count();
    if (fraction != 0) {
        text += fmt::format(".{:09}", fraction);
        text.erase(text.find_last_not_of('0') + 1);
    }
    text += 'Z';
    return text;
}

std::string format_http_date(Time time) {
    const Civil civil(time);
    const unsigned weekday = std::chrono::weekday(civil.days).c_encoding();
    return fmt::format("{}, {:02} {} {:04} {:02}:{:02}:{:02} GMT", weekday_names[weekday],
                       civil.day(), month_names[civil.month() - 1], civil.year(),
                       civil.clock.hours().count(), civil.clock.minutes().count(),
                       civil.clock.seconds().count());
}

}  // namespace tarn
