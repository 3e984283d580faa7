#include <fmt/format.h>

#include "auth/auth.h"
#include "auth/internal/secret_box.h"
#include "auth/internal/state.h"
#include "base/error.h"

namespace tarn::auth {
namespace {

constexpr int credentials_max = 1000;

// Points into `opened` and keeps it alive.
template <class Opened>
std::shared_ptr<const Credential> credential_of(const std::shared_ptr<const Opened>& opened) {
    if (!opened) return nullptr;
    return {opened, &opened->credential};
}

}  // namespace

std::shared_ptr<const Auth::State::Opened> Auth::State::open(internal::SealedCredential sealed) {
    const auto known = credentials.find_stale(sealed.access_key_id);
    auto opened = std::make_shared<Opened>();
    if (known && known->sealed_secret == sealed.sealed_secret) {
        opened->credential.secret_access_key = known->credential.secret_access_key;
    } else {
        auto secret = internal::open_secret(options.secret_key, sealed.sealed_secret);
        if (!secret) {
            throw Error(Code::corrupted,
                        fmt::format("the secret of access key '{}' was encrypted with another "
                                    "auth.encrypt.secret_key",
                                    sealed.access_key_id));
        }
        opened->credential.secret_access_key = std::move(*secret);
    }
    opened->credential.access_key_id = std::move(sealed.access_key_id);
    opened->credential.issued_at = sealed.issued_at;
    opened->credential.user = std::move(sealed.user);
    opened->sealed_secret = std::move(sealed.sealed_secret);
    return opened;
}

Task<std::optional<User>> Auth::State::load_user() {
    const auto row = co_await kv::find(store, internal::user_row());
    if (!row) co_return std::nullopt;
    co_return internal::read_user(*row);
}

Task<std::vector<internal::SealedCredential>> Auth::State::load_credentials() {
    const std::string prefix = internal::credentials_prefix();
    const auto rows = co_await store.scan(internal::users_partition, prefix, credentials_max);
    std::vector<internal::SealedCredential> loaded;
    for (const kv::Pair& row : rows) {
        if (!row.name.starts_with(prefix)) break;
        loaded.push_back(internal::read_credential(row.value));
    }
    co_return loaded;
}

Task<Credential> Auth::State::store_credential(std::string user, std::optional<GivenKey> key) {
    if (!key) key = internal::generate_key();
    if (!internal::is_usable(*key)) throw internal::unusable_key();
    Credential credential;
    credential.access_key_id = std::move(key->access_key_id);
    credential.secret_access_key = std::move(key->secret_access_key);
    credential.issued_at = clock.now();
    credential.user = std::move(user);

    internal::SealedCredential sealed;
    sealed.access_key_id = credential.access_key_id;
    sealed.sealed_secret = internal::seal_secret(options.secret_key, credential.secret_access_key);
    sealed.issued_at = credential.issued_at;
    sealed.user = credential.user;
    auto row = internal::credential_row(credential.access_key_id);
    co_await kv::put(store, std::move(row), internal::write_credential(sealed));
    credentials.remove(credential.access_key_id);
    co_return credential;
}

Task<void> Auth::State::remove_credential(std::string access_key_id) {
    co_await kv::remove(store, internal::credential_row(access_key_id));
    credentials.remove(access_key_id);
}

Task<std::optional<User>> Auth::find_user(std::string name) {
    const auto cached = state_->users.find(name, state_->clock.now());
    if (cached) co_return *cached;
    auto user = co_await state_->load_user();
    if (!user || user->name != name) co_return std::nullopt;
    state_->users.put(std::move(name), std::make_shared<const User>(*user), state_->clock.now());
    co_return user;
}

Task<std::vector<User>> Auth::list_users() {
    auto user = co_await state_->load_user();
    std::vector<User> users;
    if (user) users.push_back(std::move(*user));
    co_return users;
}

Task<User> Auth::create_user(User user) {
    if (user.name.empty()) throw Error(Code::invalid_argument, "a user has a name");
    user.created_at = state_->clock.now();
    auto record = internal::write_user(user);
    const bool created =
        co_await kv::put_if(state_->store, internal::user_row(), std::move(record), kv::absent);
    if (!created) throw Error(Code::already_exists, "there is a user already");
    co_return user;
}

Task<bool> Auth::delete_user(std::string name) {
    const auto user = co_await state_->load_user();
    if (!user || user->name != name) co_return false;
    throw Error(Code::conflict, fmt::format("'{}' is the only administrator", name),
                "last_administrator");
}

std::shared_ptr<const Credential> Auth::cached_credential(std::string_view access_key_id) const {
    return credential_of(state_->credentials.find(access_key_id, state_->clock.now()));
}

Task<std::shared_ptr<const Credential>> Auth::find_credential(std::string access_key_id) {
    auto cached = cached_credential(access_key_id);
    if (cached) co_return cached;
    if (!internal::may_be_access_key_id(access_key_id)) co_return nullptr;
    const auto row = co_await kv::find(state_->store, internal::credential_row(access_key_id));
    if (!row) {
        state_->credentials.remove(access_key_id);
        co_return nullptr;
    }
    const auto opened = state_->open(internal::read_credential(*row));
    state_->credentials.put(std::move(access_key_id), opened, state_->clock.now());
    co_return credential_of(opened);
}

Task<std::vector<Credential>> Auth::list_credentials(std::string user_name) {
    auto sealed = co_await state_->load_credentials();
    std::vector<Credential> credentials;
    for (auto& one : sealed) {
        if (one.user != user_name) continue;
        Credential credential;
        credential.access_key_id = std::move(one.access_key_id);
        credential.issued_at = one.issued_at;
        credential.user = std::move(one.user);
        credentials.push_back(std::move(credential));
    }
    co_return credentials;
}

Task<Credential> Auth::create_credential(std::string user_name) {
    const auto user = co_await state_->load_user();
    if (!user || user->name != user_name) {
        throw Error(Code::not_found, fmt::format("user '{}' not found", user_name));
    }
    const auto present = co_await state_->load_credentials();
    if (present.size() >= Auth::credentials_of_user_max) {
        throw Error(Code::invalid_argument,
                    fmt::format("user '{}' has {} access keys already", user_name, present.size()),
                    "credential_limit");
    }
    co_return co_await state_->store_credential(std::move(user_name), std::nullopt);
}

Task<bool> Auth::delete_credential(std::string user_name, std::string access_key_id) {
    if (!internal::may_be_access_key_id(access_key_id)) co_return false;
    const auto row = co_await kv::find(state_->store, internal::credential_row(access_key_id));
    if (!row) co_return false;
    const auto sealed = internal::read_credential(*row);
    if (sealed.user != user_name) co_return false;
    const auto present = co_await state_->load_credentials();
    if (present.size() <= 1) {
        throw Error(
            Code::conflict,
            fmt::format("'{}' is the only access key of the only administrator", access_key_id),
            "last_credential");
    }
    co_await state_->remove_credential(std::move(access_key_id));
    co_return true;
}

}  // namespace tarn::auth
