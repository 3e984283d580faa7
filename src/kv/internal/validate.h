#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "kv/step.h"

namespace tarn::kv {

inline constexpr int scan_limit_max = 1000;

// The key a step is about.
const Key& key_of(const Step& step);

// Whether a key in this state (nothing: absent) satisfies what a conditional write expects.
bool holds(const Expected& expected, const std::optional<std::string_view>& found);

// What every driver refuses before it does anything.
// Errors  invalid_argument: an empty partition or key, or a limit outside 1..1000.
void validate(std::span<const Step> steps);
void validate_partition(std::string_view partition);
void validate_limit(int limit);

}  // namespace tarn::kv
