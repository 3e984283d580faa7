#include "kv/internal/validate.h"

#include <fmt/format.h>

#include "base/error.h"

namespace tarn::kv {

const Key& key_of(const Step& step) {
    return std::visit([](const auto& one) -> const Key& { return one.key; }, step);
}

bool holds(const Expected& expected, const std::optional<std::string_view>& found) {
    if (std::holds_alternative<Absent>(expected)) return !found;
    if (std::holds_alternative<Present>(expected)) return found.has_value();
    return found && *found == std::get<Equals>(expected).value;
}

void validate(std::span<const Step> steps) {
    for (const Step& step : steps) {
        const Key& key = key_of(step);
        validate_partition(key.partition);
        if (key.name.empty()) throw Error(Code::invalid_argument, "a key must not be empty");
    }
}

void validate_partition(std::string_view partition) {
    if (partition.empty()) throw Error(Code::invalid_argument, "a partition must not be empty");
}

void validate_limit(int limit) {
    if (limit >= 1 && limit <= scan_limit_max) return;
    throw Error(Code::invalid_argument,
                fmt::format("a limit of {} is outside 1..{}", limit, scan_limit_max));
}

}  // namespace tarn::kv
