#include "s3/range.h"

#include <algorithm>
#include <limits>

#include "base/bytes.h"

namespace tarn::s3 {
namespace {

constexpr std::string_view unit = "bytes=";

// A number beyond 64 bits lies behind the end of every object.
std::optional<std::uint64_t> position(std::string_view digits) {
    const bool is_number = !digits.empty() && std::ranges::all_of(digits, [](char digit) {
        return digit >= '0' && digit <= '9';
    });
    if (!is_number) return std::nullopt;
    return parse_decimal(digits).value_or(std::numeric_limits<std::uint64_t>::max());
}

}  // namespace

RangeRequest parse_range(std::string_view field, std::uint64_t size) {
    if (!field.starts_with(unit)) return {};
    const auto spec = trim(field.substr(unit.size()));
    const auto dash = spec.find('-');
    if (dash == spec.npos) return {};
    const auto last = position(trim(spec.substr(dash + 1)));
    if (dash == 0) {
        if (!last) return {};
        if (*last == 0 || size == 0) return {false, std::nullopt};
        return {true, block::Range{size - std::min(*last, size), size - 1}};
    }
    const auto first = position(trim(spec.substr(0, dash)));
    const bool is_open = dash + 1 == spec.size();
    if (!first || (!last && !is_open) || (last && *last < *first)) return {};
    if (*first >= size) return {false, std::nullopt};
    return {true, block::Range{*first, std::min(last.value_or(size - 1), size - 1)}};
}

std::optional<block::Range> parse_copy_range(std::string_view field) {
    if (!field.starts_with(unit)) return std::nullopt;
    const auto spec = field.substr(unit.size());
    const auto dash = spec.find('-');
    if (dash == spec.npos) return std::nullopt;
    const auto first = parse_decimal(spec.substr(0, dash));
    const auto last = parse_decimal(spec.substr(dash + 1));
    if (!first || !last || *last < *first) return std::nullopt;
    return block::Range{*first, *last};
}

}  // namespace tarn::s3
