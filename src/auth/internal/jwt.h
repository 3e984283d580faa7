#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/secret.h"

namespace tarn::auth::internal {

// What a login token says.
struct Claims {
    std::string id;
    std::string user_name;
    Time issued{};   // whole seconds
    Time expires{};  // whole seconds
};

// A JSON web token for a login, signed with HS256.
std::string write_token(const Secret& secret_key, const Claims& claims);

// The user of a token that is signed (HS256, HS384, HS512) with `secret_key`, is for logins and has
// not ended at `now`; nothing for any other text.
std::optional<std::string> read_token(const Secret& secret_key, std::string_view token, Time now);

}  // namespace tarn::auth::internal
