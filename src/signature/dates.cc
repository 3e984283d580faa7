#include "signature/dates.h"

#include <fmt/format.h>

#include <array>
#include <chrono>

#include "base/bytes.h"

namespace tarn::signature {
namespace {

std::optional<int> number(std::string_view digits) {
    const auto value = parse_decimal(digits);
    if (!value || digits.empty()) return std::nullopt;
    return static_cast<int>(*value);
}

std::optional<Time> instant(std::optional<int> year, std::optional<int> month,
                            std::optional<int> day, std::optional<int> hour,
                            std::optional<int> minute, std::optional<int> second) {
    if (!year || !month || !day || !hour || !minute || !second) return std::nullopt;
    const std::chrono::year_month_day date{std::chrono::year(*year),
                                           std::chrono::month(static_cast<unsigned>(*month)),
                                           std::chrono::day(static_cast<unsigned>(*day))};
    // A Time counts nanoseconds in 64 bits: it ends in 2262.
    if (!date.ok() || *year < 1970 || *year > 2200) return std::nullopt;
    if (*hour > 23 || *minute > 59 || *second > 60) return std::nullopt;
    return std::chrono::sys_days(date) + std::chrono::hours(*hour) + std::chrono::minutes(*minute) +
           std::chrono::seconds(*second);
}

}  // namespace

std::optional<Time> parse_timestamp(std::string_view text) {
    if (text.size() != 16 || text[8] != 'T' || text[15] != 'Z') return std::nullopt;
    return instant(number(text.substr(0, 4)), number(text.substr(4, 2)), number(text.substr(6, 2)),
                   number(text.substr(9, 2)), number(text.substr(11, 2)),
                   number(text.substr(13, 2)));
}

std::string format_timestamp(Time time) {
    const auto days = std::chrono::floor<std::chrono::days>(time);
    const std::chrono::year_month_day date(days);
    const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(time - days).count();
    return fmt::format("{:04}{:02}{:02}T{:02}{:02}{:02}Z", static_cast<int>(date.year()),
                       static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                       seconds / 3600, seconds / 60 % 60, seconds % 60);
}

std::optional<Time> parse_http_date(std::string_view text) {
    static constexpr std::array<std::string_view, 12> months{
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    // "Wed, 31 Jan 2024 15:04:05 GMT"
    if (text.size() < 29 || text[3] != ',' || text[4] != ' ') return std::nullopt;
    const auto zone = text.substr(26);
    if (zone != "GMT" && zone != "UTC" && zone != "+0000") return std::nullopt;
    std::optional<int> month;
    for (std::size_t index = 0; index < months.size(); ++index) {
        if (text.substr(8, 3) == months[index]) month = static_cast<int>(index) + 1;
    }
    if (text[7] != ' ' || text[11] != ' ' || text[16] != ' ' || text[19] != ':' ||
        text[22] != ':' || text[25] != ' ') {
        return std::nullopt;
    }
    return instant(number(text.substr(12, 4)), month, number(text.substr(5, 2)),
                   number(text.substr(17, 2)), number(text.substr(20, 2)),
                   number(text.substr(23, 2)));
}

}  // namespace tarn::signature
