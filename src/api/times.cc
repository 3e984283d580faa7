#include "api/times.h"

#include <algorithm>
#include <charconv>
#include <chrono>

namespace tarn::api {
namespace {

int number(std::string_view text, std::size_t at, std::size_t length) {
    int value = 0;
    std::from_chars(text.data() + at, text.data() + at + length, value);
    return value;
}

}  // namespace

Time parse_time(std::string_view text) {
    using namespace std::chrono;
    // A Time ends in 2262; what is later is later than everything stored.
    constexpr int year_max = 2261;
    const year_month_day day{year(std::clamp(number(text, 0, 4), 1678, year_max)),
                             month(static_cast<unsigned>(number(text, 5, 2))),
                             std::chrono::day(static_cast<unsigned>(number(text, 8, 2)))};
    nanoseconds offset =
        hours(number(text, 11, 2)) + minutes(number(text, 14, 2)) + seconds(number(text, 17, 2));
    std::size_t at = 19;
    if (at < text.size() && text[at] == '.') {
        nanoseconds unit = milliseconds(100);
        for (++at; at < text.size() && text[at] >= '0' && text[at] <= '9'; ++at) {
            offset += unit * (text[at] - '0');
            unit /= 10;
        }
    }
    if (at < text.size() && text[at] != 'Z') {
        const nanoseconds zone = hours(number(text, at + 1, 2)) + minutes(number(text, at + 4, 2));
        offset -= text[at] == '-' ? -zone : zone;
    }
    return Time(sys_days(day)) + offset;
}

}  // namespace tarn::api
