#include "api/authentication.h"

#include <utility>

#include "api/house.h"
#include "base/bytes.h"

namespace tarn::api {
namespace {

// What follows the scheme's name in an Authorization field, or nothing.
std::optional<std::string_view> after_scheme(std::string_view value, std::string_view scheme) {
    const std::size_t space = value.find(' ');
    if (space == std::string_view::npos) return std::nullopt;
    if (!equals_ignoring_case(value.substr(0, space), scheme)) return std::nullopt;
    return trim(value.substr(space + 1));
}

// The value of the session cookie, or nothing.
std::optional<std::string_view> session_of(const http::Request& request) {
    for (std::string_view cookies : request.find_all("Cookie")) {
        while (!cookies.empty()) {
            const std::size_t end = cookies.find(';');
            const std::string_view cookie = trim(cookies.substr(0, end));
            cookies = end == std::string_view::npos ? std::string_view() : cookies.substr(end + 1);
            const std::size_t equals = cookie.find('=');
            if (equals == std::string_view::npos) continue;
            if (cookie.substr(0, equals) != auth::Auth::session_cookie_name) continue;
            std::string_view value = cookie.substr(equals + 1);
            if (value.size() >= 2 && value.front() == '"' && value.back() == '"') {
                value = value.substr(1, value.size() - 2);
            }
            return value;
        }
    }
    return std::nullopt;
}

Task<std::optional<auth::User>> check_basic(auth::Auth& auth, std::string_view encoded) {
    const auto pair = from_base64(encoded);
    const std::size_t colon = pair ? pair->find(':') : std::string::npos;
    if (colon == std::string::npos) co_return std::nullopt;
    std::string key = pair->substr(0, colon);
    Secret secret(pair->substr(colon + 1));
    co_return co_await auth.authenticate_key(std::move(key), std::move(secret));
}

}  // namespace

Task<Verdict> authenticate(Call& call) {
    auth::Auth& auth = call.house.auth;
    const std::string_view header = call.request.find("Authorization").value_or("");
    std::optional<auth::User> user;
    if (const auto token = after_scheme(header, "Bearer")) {
        user = co_await auth.authenticate_token(std::string(*token));
    } else if (const auto pair = after_scheme(header, "Basic")) {
        user = co_await check_basic(auth, *pair);
    } else if (const auto session = session_of(call.request)) {
        user = co_await auth.authenticate_session(std::string(*session));
    } else {
        co_return Verdict::anonymous;
    }
    if (!user) co_return Verdict::wrong;
    call.caller = Caller{user->name, user->committer()};
    co_return Verdict::known;
}

}  // namespace tarn::api
