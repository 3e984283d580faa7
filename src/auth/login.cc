#include <fmt/format.h>

#include "auth/auth.h"
#include "auth/internal/jwt.h"
#include "auth/internal/session.h"
#include "auth/internal/state.h"
#include "base/bytes.h"
#include "base/error.h"
#include "base/ids.h"

namespace tarn::auth {

Auth::Auth(kv::Store& store, const Clock& clock, Options options)
    : state_(new State{store, clock, std::move(options), {}, {}}) {
    if (state_->options.secret_key.empty()) {
        throw Error(Code::invalid_argument, "auth.encrypt.secret_key is empty");
    }
}

Auth::~Auth() = default;

Task<std::optional<User>> Auth::authenticate_key(std::string access_key_id, Secret secret) {
    const auto credential = co_await find_credential(std::move(access_key_id));
    if (!credential) co_return std::nullopt;
    const std::string& expected = credential->secret_access_key.reveal();
    if (!equals_in_constant_time(expected, secret.reveal())) co_return std::nullopt;
    co_return co_await find_user(credential->user);
}

Task<std::optional<User>> Auth::authenticate_token(std::string token) {
    auto user_name = verify_token(token);
    if (!user_name) co_return std::nullopt;
    co_return co_await find_user(std::move(*user_name));
}

Task<std::optional<User>> Auth::authenticate_session(std::string cookie_value) {
    auto token =
        internal::read_session(state_->options.secret_key, cookie_value, state_->clock.now());
    if (!token) co_return std::nullopt;
    co_return co_await authenticate_token(std::move(*token));
}

Token Auth::issue_token(std::string_view user_name) const {
    internal::Claims claims;
    claims.id = new_uuid();
    claims.user_name = user_name;
    claims.issued = from_unix_seconds(unix_seconds(state_->clock.now()));
    claims.expires = claims.issued + state_->options.login_duration;
    return {internal::write_token(state_->options.secret_key, claims), claims.expires};
}

std::optional<std::string> Auth::verify_token(std::string_view token) const {
    return internal::read_token(state_->options.secret_key, token, state_->clock.now());
}

std::string Auth::session_cookie(const Token& token, bool secure) const {
    const Time now = state_->clock.now();
    const auto age = std::chrono::seconds(internal::session_age_max);
    return fmt::format("{}={}; Path=/; Expires={}; Max-Age={}; HttpOnly{}; SameSite=Lax",
                       session_cookie_name,
                       internal::write_session(state_->options.secret_key, token.text, now),
                       format_http_date(now + age), age.count(), secure ? "; Secure" : "");
}

}  // namespace tarn::auth
