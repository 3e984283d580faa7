#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/secret.h"
#include "base/task.h"
#include "kv/store.h"

namespace tarn::auth {

struct Options {
    Secret secret_key;  // encrypts stored secrets, signs tokens; required
    std::chrono::seconds login_duration{604'800};  // of a token, 7 days
};

// Someone who may sign in.
struct User {
    std::string name;
    std::string friendly_name;
    std::string email;
    std::string source;  // "internal" for the administrator of set-up
    Time created_at{};

    // Who is recorded in commits: the e-mail address if there is one, else the name.
    const std::string& committer() const { return email.empty() ? name : email; }
};

// A pair of keys that signs requests of a user.
struct Credential {
    std::string access_key_id;
    Secret secret_access_key;
    Time issued_at{};
    std::string user;
};

// Keys chosen by the administrator instead of generated ones.
struct GivenKey {
    std::string access_key_id;
    Secret secret_access_key;
};

struct SetupState {
    bool initialized = false;
    bool preferences_missing = false;
};

// What the administrator tells about himself; all optional.
struct Preferences {
    std::string email;
    std::string first_name;
    std::string last_name;
    std::string company_name;
    bool feature_updates = false;
};

// What a server records of itself when it starts.
struct ServerFacts {
    std::string version;
    std::string kv_type;
    std::string fixed_id;  // of a new installation; empty: a random one
};

// A login: a JWT, and when it ends.
struct Token {
    std::string text;
    Time expires{};
};

// The installation and its one administrator (mode "none" of role-based access control): set-up,
// credentials, tokens and sessions.
//
// Threads   Any; the caller resumes on the context it awaited from.
// Lifetime  Store and clock outlive it. Parameters are taken by value.
// Limits    Credentials and users are cached for 20 s, at most 1,024 of them: a deletion by another
//           server takes effect after that time, one by this server at once.
// Errors    Those of kv::Store; corrupted: a stored record cannot be read, or its secret was
//           encrypted with another secret key.
// Source    docs/formats/auth.md
class Auth {
public:
    Auth(kv::Store& store, const Clock& clock, Options options);
    ~Auth();

    // The installation.

    // Records what a server writes when it starts, the installation id with it. Errors
    // precondition_failed (detail "schema"): the rows are of a schema version we do not know.
    Task<void> start(ServerFacts facts);
    Task<std::string> installation_id();
    Task<SetupState> setup_state();
    // Creates the administrator. Errors  already_exists (detail "initialized");
    // invalid_argument: an empty name or key.
    Task<Credential> setup(std::string user_name, std::optional<GivenKey> key);
    // Errors  precondition_failed (detail "not_initialized"); already_exists.
    Task<void> save_preferences(Preferences preferences);
    // Gives the administrator new keys in place of all his others, and creates him if there is none
    // (under `user_name`, "admin" when empty): what helps after a lost key. Errors  conflict: an
    // administrator of another name.
    Task<Credential> replace_keys(std::string user_name, std::optional<GivenKey> key);

    // Users.

    Task<std::optional<User>> find_user(std::string name);
    Task<std::vector<User>> list_users();
    // Errors  already_exists: there is a user already, this mode has only one.
    Task<User> create_user(User user);
    // False when there is no user of that name. Errors  conflict (detail "last_administrator"): the
    // only user stays, or nobody could sign in any more.
    Task<bool> delete_user(std::string name);

    // Credentials.

    // The credential if it is in memory: no suspension, no round trip; for the start of each signed
    // request. Nothing may also mean "not seen lately": then ask `find_credential`.
    std::shared_ptr<const Credential> cached_credential(std::string_view access_key_id) const;
    // Nothing (null) when there is no such key.
    Task<std::shared_ptr<const Credential>> find_credential(std::string access_key_id);
    // Of one user, without secrets, by access key id.
    Task<std::vector<Credential>> list_credentials(std::string user_name);
    // Errors  invalid_argument (detail "credential_limit"): the user has as many as may be;
    // not_found: no user.
    static constexpr std::size_t credentials_of_user_max = 100;
    Task<Credential> create_credential(std::string user_name);
    // False when the user has no such key. Errors  conflict (detail "last_credential"): it is the
    // last one, and nobody could sign in any more.
    Task<bool> delete_credential(std::string user_name, std::string access_key_id);

    // Who is it? Nothing when the proof is wrong.

    Task<std::optional<User>> authenticate_key(std::string access_key_id, Secret secret);
    Task<std::optional<User>> authenticate_token(std::string token);
    Task<std::optional<User>> authenticate_session(std::string cookie_value);

    // Tokens and sessions.

    Token issue_token(std::string_view user_name) const;
    // The user name in a valid token.
    std::optional<std::string> verify_token(std::string_view token) const;
    // The whole Set-Cookie value of a session with `token`. `secure`: sent over TLS only.
    std::string session_cookie(const Token& token, bool secure) const;
    static constexpr std::string_view session_cookie_name = "internal_auth_session";

private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace tarn::auth
