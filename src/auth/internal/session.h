#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/secret.h"

namespace tarn::auth::internal {

inline constexpr std::chrono::days session_age_max{30};

// The value of a session cookie: a login token in Go's gob encoding, with the date, authenticated.
// Source  docs/formats/auth.md
std::string write_session(const Secret& secret_key, std::string_view token, Time now);

// The token in a cookie's value; nothing when it is not ours, damaged or too old.
std::optional<std::string> read_session(const Secret& secret_key, std::string_view value, Time now);

}  // namespace tarn::auth::internal
