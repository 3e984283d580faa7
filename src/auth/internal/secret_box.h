#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/secret.h"

namespace tarn::auth::internal {

// How secrets of credentials are stored: NaCl's secretbox under a key that scrypt makes of the
// server's secret key.
// Source  docs/formats/auth.md

// Salt and nonce are random.
std::string seal_secret(const Secret& secret_key, const Secret& plain);

// Nothing when the bytes are damaged or were sealed under another secret key. Takes about a
// millisecond.
std::optional<Secret> open_secret(const Secret& secret_key, std::string_view stored);

// As `seal_secret` with a given salt (8 bytes) and nonce (24 bytes).
std::string seal_secret_with(const Secret& secret_key, const Secret& plain, std::string_view salt,
                             std::string_view nonce);

}  // namespace tarn::auth::internal
