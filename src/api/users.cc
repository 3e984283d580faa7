#include <algorithm>
#include <utility>

#include "api/answers.h"
#include "api/checks.h"
#include "api/house.h"
#include "api/pagination.h"
#include "api/wire/auth.h"

namespace tarn::api {
namespace {

wire::User to_wire(const auth::User& user) {
    wire::User out;
    out.id = user.name;
    out.creation_date = unix_seconds(user.created_at);
    out.friendly_name = user.friendly_name;
    out.email = user.email;
    return out;
}

wire::Credentials to_wire(const auth::Credential& credential) {
    wire::Credentials out;
    out.access_key_id = credential.access_key_id;
    out.creation_date = unix_seconds(credential.issued_at);
    return out;
}

// Lists of users and keys say nothing of the size of their pages.
wire::Pagination auth_pagination(std::size_t count, bool more, std::string next) {
    wire::Pagination out = pagination(count, more, std::move(next));
    out.max_per_page = 0;
    return out;
}

Task<auth::User> user_of(Call& call, std::string name) {
    auto user = co_await call.house.auth.find_user(std::move(name));
    if (!user) throw not_found("user not found");
    co_return std::move(*user);
}

}  // namespace

Task<http::Response> list_users(Call& call, wire::ListUsersParams) {
    const auto users = co_await call.house.auth.list_users();
    wire::UserList list;
    for (const auto& user : users) list.results.push_back(to_wire(user));
    list.pagination = auth_pagination(list.results.size(), false, "");
    co_return json_answer(200, list);
}

Task<http::Response> create_user(Call& call, wire::CreateUserParams, wire::UserCreation body) {
    if (body.id.empty()) throw invalid("empty name: validation error");
    if (body.id.find('%') != std::string::npos) throw invalid("User name cannot contain '%'");
    if (body.invite_user.value_or(false)) {
        if (body.id.find('@') == std::string::npos) throw invalid("Invalid email format");
        throw exactly(501, "Not Implemented");
    }
    auth::User user;
    user.name = std::move(body.id);
    user.source = "internal";
    std::optional<auth::User> made;
    try {
        made = co_await call.house.auth.create_user(std::move(user));
    } catch (const Error& error) {
        if (error.code() != Code::already_exists) throw;
    }
    if (!made) throw exactly(409, "Already exists");
    co_return json_answer(201, to_wire(*made));
}

Task<http::Response> get_user(Call& call, wire::GetUserParams params) {
    const auth::User user = co_await user_of(call, std::move(params.user_id));
    co_return json_answer(200, to_wire(user));
}

Task<http::Response> delete_user(Call& call, wire::DeleteUserParams params) {
    const bool removed = co_await call.house.auth.delete_user(std::move(params.user_id));
    if (!removed) throw not_found("user not found");
    co_return empty_answer();
}

Task<http::Response> list_user_credentials(Call& call, wire::ListUserCredentialsParams params) {
    const auth::User user = co_await user_of(call, std::move(params.user_id));
    const auto all = co_await call.house.auth.list_credentials(user.name);
    const std::string prefix = params.prefix.value_or("");
    const std::string after = params.after.value_or("");
    const auto limit = static_cast<std::size_t>(page_size(params.amount));
    wire::CredentialsList list;
    bool more = false;
    for (const auth::Credential& credential : all) {
        const std::string& id = credential.access_key_id;
        if (!id.starts_with(prefix) || (!after.empty() && id <= after)) continue;
        more = list.results.size() == limit;
        if (more) break;
        list.results.push_back(to_wire(credential));
    }
    std::string next = list.results.empty() ? std::string() : list.results.back().access_key_id;
    list.pagination = auth_pagination(list.results.size(), more, std::move(next));
    co_return json_answer(200, list);
}

Task<http::Response> create_credentials(Call& call, wire::CreateCredentialsParams params) {
    const auth::User user = co_await user_of(call, std::move(params.user_id));
    const auth::Credential made = co_await call.house.auth.create_credential(user.name);
    wire::CredentialsWithSecret answer;
    answer.access_key_id = made.access_key_id;
    answer.secret_access_key = made.secret_access_key.reveal();
    answer.creation_date = unix_seconds(made.issued_at);
    co_return json_answer(201, answer);
}

Task<http::Response> get_credentials(Call& call, wire::GetCredentialsParams params) {
    const auth::User user = co_await user_of(call, std::move(params.user_id));
    const auto found = co_await call.house.auth.find_credential(std::move(params.access_key_id));
    if (!found || found->user != user.name) throw not_found("credentials not found");
    co_return json_answer(200, to_wire(*found));
}

Task<http::Response> delete_credentials(Call& call, wire::DeleteCredentialsParams params) {
    const auth::User user = co_await user_of(call, std::move(params.user_id));
    const bool removed =
        co_await call.house.auth.delete_credential(user.name, std::move(params.access_key_id));
    if (!removed) throw not_found("credentials not found");
    co_return empty_answer();
}

// Where an identity provider would send browsers; there is none yet, so nobody is signed in here.
Task<http::Response> oauth_callback(Call&, wire::OauthCallbackParams) {
    co_return empty_answer(200);
}

}  // namespace tarn::api
