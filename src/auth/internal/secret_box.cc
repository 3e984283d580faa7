#include "auth/internal/secret_box.h"

#include <sodium.h>

#include <array>

#include "base/error.h"
#include "base/ids.h"

namespace tarn::auth::internal {
namespace {

constexpr std::size_t salt_bytes = 8;
constexpr std::size_t nonce_bytes = crypto_secretbox_NONCEBYTES;
constexpr std::size_t tag_bytes = crypto_secretbox_MACBYTES;
constexpr std::uint64_t scrypt_cost = 512;
constexpr std::uint32_t scrypt_block = 8;
constexpr std::uint32_t scrypt_lanes = 1;

using BoxKey = std::array<unsigned char, crypto_secretbox_KEYBYTES>;

const unsigned char* raw(std::string_view bytes) {
    return reinterpret_cast<const unsigned char*>(bytes.data());
}

BoxKey derive_key(const Secret& secret_key, std::string_view salt) {
    BoxKey key;
    const std::string& password = secret_key.reveal();
    const int failed = crypto_pwhash_scryptsalsa208sha256_ll(
        raw(password), password.size(), raw(salt), salt.size(), scrypt_cost, scrypt_block,
        scrypt_lanes, key.data(), key.size());
    if (failed != 0) throw Error(Code::exhausted, "no memory to derive a key");
    return key;
}

}  // namespace

std::string seal_secret_with(const Secret& secret_key, const Secret& plain, std::string_view salt,
                             std::string_view nonce) {
    CHECK(salt.size() == salt_bytes && nonce.size() == nonce_bytes, "salt and nonce have a size");
    const BoxKey key = derive_key(secret_key, salt);
    std::string box(tag_bytes + plain.reveal().size(), '\0');
    crypto_secretbox_easy(reinterpret_cast<unsigned char*>(box.data()), raw(plain.reveal()),
                          plain.reveal().size(), raw(nonce), key.data());
    std::string stored(salt);
    stored += nonce;
    stored += box;
    return stored;
}

std::string seal_secret(const Secret& secret_key, const Secret& plain) {
    const std::string salt = random_bytes(salt_bytes);
    const std::string nonce = random_bytes(nonce_bytes);
    return seal_secret_with(secret_key, plain, salt, nonce);
}

std::optional<Secret> open_secret(const Secret& secret_key, std::string_view stored) {
    if (stored.size() < salt_bytes + nonce_bytes + tag_bytes) return std::nullopt;
    const std::string_view nonce = stored.substr(salt_bytes, nonce_bytes);
    const std::string_view box = stored.substr(salt_bytes + nonce_bytes);
    const BoxKey key = derive_key(secret_key, stored.substr(0, salt_bytes));
    std::string plain(box.size() - tag_bytes, '\0');
    const int failed = crypto_secretbox_open_easy(reinterpret_cast<unsigned char*>(plain.data()),
                                                  raw(box), box.size(), raw(nonce), key.data());
    if (failed != 0) return std::nullopt;
    return Secret(std::move(plain));
}

}  // namespace tarn::auth::internal
