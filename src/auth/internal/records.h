#pragma once

#include <string>
#include <string_view>

#include "auth/auth.h"
#include "base/error.h"
#include "kv/step.h"

namespace tarn::auth::internal {

// Where the rows are.
kv::Key installation_id_row();
kv::Key metadata_row(std::string_view name);
kv::Key schema_row();
kv::Key user_row();
std::string credentials_prefix();
kv::Key credential_row(std::string_view access_key_id);

inline constexpr std::string_view auth_partition = "auth";
inline constexpr std::string_view users_partition = "basicAuth";

// A credential as it is stored, its secret still sealed.
struct SealedCredential {
    std::string access_key_id;
    std::string sealed_secret;
    Time issued_at{};
    std::string user;
};

std::string write_user(const User& user);
std::string write_credential(const SealedCredential& credential);
// Errors  corrupted.
User read_user(std::string_view bytes);
SealedCredential read_credential(std::string_view bytes);

// Keys as a set-up makes them.
GivenKey generate_key();

// Whether a row can have this name: 1 to 128 characters.
bool may_be_access_key_id(std::string_view access_key_id);
bool is_usable(const GivenKey& key);
Error unusable_key();

}  // namespace tarn::auth::internal
