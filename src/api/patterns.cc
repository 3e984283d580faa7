#include "api/patterns.h"

#include <cstddef>

namespace tarn::api {
namespace {

bool is_digit(char letter) {
    return letter >= '0' && letter <= '9';
}

bool is_repository_name(std::string_view text) {
    if (text.size() < 3 || text.size() > 63 || text.front() == '-') return false;
    for (const char letter : text) {
        if (!is_digit(letter) && letter != '-' && (letter < 'a' || letter > 'z')) return false;
    }
    return true;
}

bool is_storage_namespace(std::string_view text) {
    const std::size_t colon = text.find("://");
    if (colon == std::string_view::npos || text.find('\n') != std::string_view::npos) return false;
    for (const std::string_view scheme :
         {"s3", "gs", "http", "https", "mem", "local", "transient"}) {
        if (text.substr(0, colon) == scheme) return true;
    }
    return false;
}

// bytes= and then, at least once: digits, a dash, digits, an optional comma, an optional space.
bool is_byte_range(std::string_view text) {
    if (!text.starts_with("bytes=")) return false;
    text.remove_prefix(6);
    bool any = false;
    std::size_t at = 0;
    while (at < text.size()) {
        while (at < text.size() && is_digit(text[at])) ++at;
        if (at == text.size() || text[at] != '-') return false;
        any = true;
        ++at;
        while (at < text.size() && is_digit(text[at])) ++at;
        if (at < text.size() && text[at] == ',') ++at;
        if (at < text.size() && text[at] == ' ') ++at;
    }
    return any;
}

// Reads two digits and steps over them; -1 when there are none.
int two_digits(std::string_view text, std::size_t at) {
    if (at + 2 > text.size() || !is_digit(text[at]) || !is_digit(text[at + 1])) return -1;
    return (text[at] - '0') * 10 + (text[at + 1] - '0');
}

bool in_range(int value, int low, int high) {
    return value >= low && value <= high;
}

// RFC 3339 with an optional zone.
bool is_date_time(std::string_view text) {
    if (two_digits(text, 0) < 0 || two_digits(text, 2) < 0) return false;
    const bool marks = text.size() >= 19 && text[4] == '-' && text[7] == '-' && text[10] == 'T' &&
                       text[13] == ':' && text[16] == ':';
    if (!marks || !in_range(two_digits(text, 5), 1, 12) || !in_range(two_digits(text, 8), 1, 31) ||
        !in_range(two_digits(text, 11), 0, 23) || !in_range(two_digits(text, 14), 0, 59) ||
        !in_range(two_digits(text, 17), 0, 60)) {
        return false;
    }
    std::size_t at = 19;
    if (at < text.size() && text[at] == '.') {
        const std::size_t from = ++at;
        while (at < text.size() && is_digit(text[at])) ++at;
        if (at == from) return false;
    }
    if (at == text.size()) return true;
    if (text[at] == 'Z') return at + 1 == text.size();
    return (text[at] == '+' || text[at] == '-') && text.size() == at + 6 && text[at + 3] == ':' &&
           two_digits(text, at + 1) >= 0 && two_digits(text, at + 4) >= 0;
}

}  // namespace

bool matches(Pattern pattern, std::string_view text) {
    switch (pattern) {
        case Pattern::none:
            return true;
        case Pattern::repository_name:
            return is_repository_name(text);
        case Pattern::storage_namespace:
            return is_storage_namespace(text);
        case Pattern::byte_range:
            return is_byte_range(text);
        case Pattern::date_time:
            return is_date_time(text);
    }
    return false;
}

std::string_view refusal_of(Pattern pattern) {
    switch (pattern) {
        case Pattern::none:
            break;
        case Pattern::repository_name:
            return R"(string doesn't match the regular expression "^[a-z0-9][a-z0-9-]{2,62}$")";
        case Pattern::storage_namespace:
            return R"(string doesn't match the regular expression "^(s3|gs|https?|mem|local|transient)://.*$")";
        case Pattern::byte_range:
            return R"(string doesn't match the regular expression "^bytes=((\d*-\d*,? ?)+)$")";
        case Pattern::date_time:
            return R"(string doesn't match the format "date-time": string doesn't match pattern )"
                   R"("^[0-9]{4}-(0[1-9]|10|11|12)-(0[1-9]|[12][0-9]|3[01])T([0-1][0-9]|2[0-3]):)"
                   R"([0-5][0-9]:([0-5][0-9]|60)(\.[0-9]+)?(Z|(\+|-)[0-9]{2}:[0-9]{2})?$")";
    }
    return {};
}

}  // namespace tarn::api
