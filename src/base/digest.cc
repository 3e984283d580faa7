#include "base/digest.h"

#include <openssl/evp.h>

#include <cstring>

#include "base/error.h"

namespace tarn {
namespace {

struct FreeAlgorithm {
    void operator()(EVP_MD* algorithm) const { EVP_MD_free(algorithm); }
};
struct FreeContext {
    void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
};
using Algorithm = std::unique_ptr<EVP_MD, FreeAlgorithm>;
using Context = std::unique_ptr<EVP_MD_CTX, FreeContext>;

struct Sha256Name {
    static constexpr const char* value = "SHA256";
};
struct Sha1Name {
    static constexpr const char* value = "SHA1";
};
struct Md5Name {
    static constexpr const char* value = "MD5";
};

// Looked up once: a look-up by name costs more than a short message's digest.
template <class Name>
const EVP_MD* algorithm() {
    static const Algorithm fetched(EVP_MD_fetch(nullptr, Name::value, nullptr));
    CHECK(fetched != nullptr, "OpenSSL offers SHA-256, SHA-1 and MD5");
    return fetched.get();
}

template <class Name>
void begin(EVP_MD_CTX* context) {
    const int begun = EVP_DigestInit_ex2(context, algorithm<Name>(), nullptr);
    CHECK(begun == 1, "a digest can be started");
}

void feed(EVP_MD_CTX* context, std::string_view bytes) {
    const int fed = EVP_DigestUpdate(context, bytes.data(), bytes.size());
    CHECK(fed == 1, "a started digest takes bytes");
}

template <class Digest>
Digest end(EVP_MD_CTX* context) {
    Digest digest;
    unsigned size = 0;
    const int ended = EVP_DigestFinal_ex(context, digest.data(), &size);
    CHECK(ended == 1 && size == digest.size(), "a started digest ends with its own size");
    return digest;
}

// One context a thread and algorithm, so that a whole short message allocates nothing.
template <class Name>
EVP_MD_CTX* thread_context() {
    thread_local const Context context(EVP_MD_CTX_new());
    return context.get();
}

template <class Name, class Digest>
Digest whole(std::string_view bytes) {
    EVP_MD_CTX* context = thread_context<Name>();
    begin<Name>(context);
    feed(context, bytes);
    return end<Digest>(context);
}

constexpr std::size_t hmac_block_bytes = 64;

// RFC 2104, for digests with blocks of 64 bytes.
template <class Name, class Digest>
Digest hmac(std::string_view key, std::string_view message) {
    std::array<char, hmac_block_bytes> inner{};
    if (key.size() > inner.size()) {
        const Digest shortened = whole<Name, Digest>(key);
        std::memcpy(inner.data(), shortened.data(), shortened.size());
    } else if (!key.empty()) {
        std::memcpy(inner.data(), key.data(), key.size());
    }
    std::array<char, hmac_block_bytes> outer = inner;
    for (char& c : inner) c ^= 0x36;
    for (char& c : outer) c ^= 0x5c;

    EVP_MD_CTX* context = thread_context<Name>();
    begin<Name>(context);
    feed(context, {inner.data(), inner.size()});
    feed(context, message);
    const Digest first = end<Digest>(context);
    begin<Name>(context);
    feed(context, {outer.data(), outer.size()});
    feed(context, {reinterpret_cast<const char*>(first.data()), first.size()});
    return end<Digest>(context);
}

}  // namespace

struct Sha256::State {
    Context context{EVP_MD_CTX_new()};
};
struct Sha1::State {
    Context context{EVP_MD_CTX_new()};
};
struct Md5::State {
    Context context{EVP_MD_CTX_new()};
};

Sha256::Sha256() : state_(std::make_unique<State>()) {
    begin<Sha256Name>(state_->context.get());
}
Sha256::~Sha256() = default;
Sha256::Sha256(Sha256&&) noexcept = default;
Sha256& Sha256::operator=(Sha256&&) noexcept = default;

void Sha256::update(std::string_view bytes) {
    feed(state_->context.get(), bytes);
}

Sha256Digest Sha256::finish() {
    return end<Sha256Digest>(state_->context.get());
}

Sha1::Sha1() : state_(std::make_unique<State>()) {
    begin<Sha1Name>(state_->context.get());
}
Sha1::~Sha1() = default;
Sha1::Sha1(Sha1&&) noexcept = default;
Sha1& Sha1::operator=(Sha1&&) noexcept = default;

void Sha1::update(std::string_view bytes) {
    feed(state_->context.get(), bytes);
}

Sha1Digest Sha1::finish() {
    return end<Sha1Digest>(state_->context.get());
}

Md5::Md5() : state_(std::make_unique<State>()) {
    begin<Md5Name>(state_->context.get());
}
Md5::~Md5() = default;
Md5::Md5(Md5&&) noexcept = default;
Md5& Md5::operator=(Md5&&) noexcept = default;

void Md5::update(std::string_view bytes) {
    feed(state_->context.get(), bytes);
}

Md5Digest Md5::finish() {
    return end<Md5Digest>(state_->context.get());
}

Sha256Digest sha256(std::string_view bytes) {
    return whole<Sha256Name, Sha256Digest>(bytes);
}

Sha1Digest sha1(std::string_view bytes) {
    return whole<Sha1Name, Sha1Digest>(bytes);
}

Md5Digest md5(std::string_view bytes) {
    return whole<Md5Name, Md5Digest>(bytes);
}

Sha256Digest hmac_sha256(std::string_view key, std::string_view message) {
    return hmac<Sha256Name, Sha256Digest>(key, message);
}

Sha1Digest hmac_sha1(std::string_view key, std::string_view message) {
    return hmac<Sha1Name, Sha1Digest>(key, message);
}

std::uint64_t fnv1a_64(std::string_view bytes) {
    std::uint64_t hash = 14695981039346656037u;
    for (const char c : bytes) hash = (hash ^ static_cast<unsigned char>(c)) * 1099511628211u;
    return hash;
}

std::uint32_t fnv1a_32(std::string_view bytes) {
    std::uint32_t hash = 2166136261u;
    for (const char c : bytes) hash = (hash ^ static_cast<unsigned char>(c)) * 16777619u;
    return hash;
}

}  // namespace tarn
