#include <utility>

#include "api/answers.h"
#include "api/checks.h"
#include "api/email.h"
#include "api/house.h"
#include "api/wire/auth.h"
#include "api/wire/internal.h"

namespace tarn::api {

Task<http::Response> get_setup_state(Call& call, wire::GetSetupStateParams) {
    const auth::SetupState state = co_await call.house.auth.setup_state();
    wire::LoginConfig login;
    login.rbac = "none";
    login.login_url = "";
    login.login_url_method = "none";
    login.login_failed_message = "The credentials don't match.";
    login.login_cookie_names = {std::string(auth::Auth::session_cookie_name)};
    login.logout_url = "";
    wire::SetupState answer;
    answer.state = state.initialized ? "initialized" : "not_initialized";
    answer.comm_prefs_missing = call.house.options.ask_for_email && state.preferences_missing;
    answer.login_config = std::move(login);
    co_return json_answer(200, answer);
}

Task<http::Response> setup(Call& call, wire::SetupParams, wire::Setup body) {
    if (body.username.empty()) throw invalid("empty user display name");
    if (body.email && !body.email->empty()) require_business_email(*body.email);
    std::optional<auth::GivenKey> key;
    if (body.key) {
        key = auth::GivenKey{body.key->access_key_id, Secret(body.key->secret_access_key)};
    }
    std::optional<auth::Credential> made;
    try {
        made = co_await call.house.auth.setup(body.username, std::move(key));
    } catch (const Error& error) {
        if (error.code() != Code::already_exists) throw;
    }
    if (!made) throw exactly(409, "lakeFS already initialized");
    wire::CredentialsWithSecret answer;
    answer.access_key_id = made->access_key_id;
    answer.secret_access_key = made->secret_access_key.reveal();
    answer.creation_date = unix_seconds(made->issued_at);
    if (body.email && !body.email->empty()) {
        auth::Preferences preferences;
        preferences.email = *body.email;
        preferences.first_name = body.first_name.value_or("");
        preferences.last_name = body.last_name.value_or("");
        preferences.company_name = body.company_name.value_or("");
        preferences.feature_updates = body.feature_updates.value_or(false);
        co_await call.house.auth.save_preferences(std::move(preferences));
    }
    co_return json_answer(200, answer);
}

Task<http::Response> setup_comm_prefs(Call& call, wire::SetupCommPrefsParams,
                                      wire::CommPrefsInput body) {
    const auth::SetupState state = co_await call.house.auth.setup_state();
    if (!state.initialized) throw exactly(412, "lakeFS is not initialized");
    if (!call.house.options.ask_for_email || !state.preferences_missing) {
        throw exactly(409, "communication preferences already set");
    }
    require_business_email(body.email.value_or(""));
    auth::Preferences preferences;
    preferences.email = *body.email;
    preferences.first_name = body.first_name.value_or("");
    preferences.last_name = body.last_name.value_or("");
    preferences.company_name = body.company_name.value_or("");
    preferences.feature_updates = body.feature_updates;
    bool already = false;
    try {
        co_await call.house.auth.save_preferences(std::move(preferences));
    } catch (const Error& error) {
        already = error.code() == Code::already_exists;
        if (!already) throw;
    }
    if (already) throw exactly(409, "communication preferences already set");
    co_return empty_answer(200);
}

Task<http::Response> get_auth_capabilities(Call&, wire::GetAuthCapabilitiesParams) {
    wire::AuthCapabilities answer;
    answer.invite_user = false;
    co_return json_answer(200, answer);
}

Task<http::Response> get_current_user(Call& call, wire::GetCurrentUserParams) {
    wire::CurrentUser answer;
    if (call.caller) {
        const auto user = co_await call.house.auth.find_user(call.caller->username);
        if (user) {
            answer.user.id = user->name;
            answer.user.creation_date = unix_seconds(user->created_at);
            answer.user.friendly_name = user->friendly_name;
            answer.user.email = user->email;
        }
    }
    co_return json_answer(200, answer);
}

Task<http::Response> login(Call& call, wire::LoginParams, wire::LoginInformation body) {
    const auto user = co_await call.house.auth.authenticate_key(body.access_key_id,
                                                                Secret(body.secret_access_key));
    if (!user) co_return refuse(401, "error authenticating request");
    const auth::Token token = call.house.auth.issue_token(user->name);
    wire::AuthenticationToken answer;
    answer.token = token.text;
    answer.token_expiration = unix_seconds(token.expires);
    http::Response response = json_answer(200, answer);
    response.fields.add("Set-Cookie",
                        call.house.auth.session_cookie(token, call.house.options.secure_cookies));
    co_return response;
}

}  // namespace tarn::api
