#pragma once

#include "auth/auth.h"
#include "auth/internal/cache.h"
#include "auth/internal/records.h"

namespace tarn::auth {

// What the files of this room share of an `Auth`.
struct Auth::State {
    // A credential, and the sealed secret it was opened from: opening costs a millisecond and is
    // repeated only when that changes.
    struct Opened {
        Credential credential;
        std::string sealed_secret;
    };

    std::shared_ptr<const Opened> open(internal::SealedCredential sealed);
    // The user's row, past the cache.
    Task<std::optional<User>> load_user();
    // All of the user's credentials, sealed.
    Task<std::vector<internal::SealedCredential>> load_credentials();
    // Stores a credential of `user`; keys are generated where none are given.
    Task<Credential> store_credential(std::string user, std::optional<GivenKey> key);
    Task<void> remove_credential(std::string access_key_id);

    kv::Store& store;
    const Clock& clock;
    const Options options;
    internal::Cache<Opened> credentials;
    internal::Cache<User> users;
};

}  // namespace tarn::auth
