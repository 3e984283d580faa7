#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace tarn::versions {

// Where a page begins, and what rolls up into common prefixes; pure.

// The first key of a page: at or after `prefix`, behind `after`, and behind all keys under `after`
// where that is a common prefix. Nothing when no key can follow.
std::optional<std::string> first_key(std::string_view prefix, std::string_view after,
                                     std::string_view delimiter);

// The part of `key` up to and with the first delimiter after `prefix`; empty when there is none.
std::string_view common_prefix(std::string_view key, std::string_view prefix,
                               std::string_view delimiter);

// The least string greater than all that begin with `prefix`; nothing when there is none.
std::optional<std::string> after_prefix(std::string_view prefix);

}  // namespace tarn::versions
