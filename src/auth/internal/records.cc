#include "auth/internal/records.h"

#include <fmt/format.h>

#include "auth/records.pb.h"
#include "base/bytes.h"
#include "base/ids.h"
#include "base/timestamp.h"

namespace tarn::auth::internal {
namespace {

constexpr std::size_t secret_bytes = 30;
constexpr std::size_t access_key_characters_max = 128;
constexpr std::size_t key_letters = 14;
constexpr std::string_view key_alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

template <class Record>
Record parse(std::string_view bytes, std::string_view what) {
    Record record;
    if (!record.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) {
        throw Error(Code::corrupted, fmt::format("a stored {} cannot be read", what));
    }
    return record;
}

}  // namespace

kv::Key installation_id_row() {
    return {std::string(auth_partition), "installation_id"};
}

kv::Key metadata_row(std::string_view name) {
    return {std::string(auth_partition), fmt::format("installation_metadata/{}", name)};
}

kv::Key schema_row() {
    return {"kv-internal-metadata", "kv/schema/version"};
}

kv::Key user_row() {
    return {std::string(users_partition), "users/superAdmin"};
}

std::string credentials_prefix() {
    return "uCredentials/superAdmin/credentials/";
}

kv::Key credential_row(std::string_view access_key_id) {
    return {std::string(users_partition), credentials_prefix().append(access_key_id)};
}

std::string write_user(const User& user) {
    UserData data;
    write_timestamp(*data.mutable_created_at(), user.created_at);
    data.set_username(user.name);
    data.set_friendly_name(user.friendly_name);
    data.set_email(user.email);
    data.set_source(user.source);
    return data.SerializeAsString();
}

std::string write_credential(const SealedCredential& credential) {
    CredentialData data;
    data.set_access_key_id(credential.access_key_id);
    data.set_secret_access_key_encrypted_bytes(credential.sealed_secret);
    write_timestamp(*data.mutable_issued_date(), credential.issued_at);
    data.set_user_id(credential.user);
    return data.SerializeAsString();
}

User read_user(std::string_view bytes) {
    const auto data = parse<UserData>(bytes, "user");
    User user;
    user.name = data.username();
    user.friendly_name = data.friendly_name();
    user.email = data.email();
    user.source = data.source();
    user.created_at = read_timestamp(data.created_at());
    return user;
}

SealedCredential read_credential(std::string_view bytes) {
    const auto data = parse<CredentialData>(bytes, "credential");
    SealedCredential credential;
    credential.access_key_id = data.access_key_id();
    credential.sealed_secret = data.secret_access_key_encrypted_bytes();
    credential.issued_at = read_timestamp(data.issued_date());
    credential.user = data.user_id();
    return credential;
}

GivenKey generate_key() {
    std::string letters = random_bytes(key_letters);
    for (char& c : letters) c = key_alphabet[static_cast<unsigned char>(c) % key_alphabet.size()];
    GivenKey key;
    key.access_key_id = fmt::format("AKIAJ{}Q", letters);
    key.secret_access_key = Secret(to_base64(random_bytes(secret_bytes)));
    return key;
}

bool may_be_access_key_id(std::string_view access_key_id) {
    return !access_key_id.empty() && access_key_id.size() <= access_key_characters_max;
}

bool is_usable(const GivenKey& key) {
    return may_be_access_key_id(key.access_key_id) && !key.secret_access_key.empty();
}

Error unusable_key() {
    return Error(Code::invalid_argument,
                 fmt::format("an access key has an id of 1 to {} characters and a secret",
                             access_key_characters_max));
}

}  // namespace tarn::auth::internal
