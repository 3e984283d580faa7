#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace tarn {

using Sha256Digest = std::array<std::uint8_t, 32>;
using Sha1Digest = std::array<std::uint8_t, 20>;
using Md5Digest = std::array<std::uint8_t, 16>;

// A digest computed piece by piece. One object, one message; `finish` ends it.
class Sha256 {
public:
    Sha256();
    ~Sha256();
    Sha256(Sha256&&) noexcept;
    Sha256& operator=(Sha256&&) noexcept;
    void update(std::string_view bytes);
    Sha256Digest finish();

private:
    struct State;
    std::unique_ptr<State> state_;
};

class Sha1 {
public:
    Sha1();
    ~Sha1();
    Sha1(Sha1&&) noexcept;
    Sha1& operator=(Sha1&&) noexcept;
    void update(std::string_view bytes);
    Sha1Digest finish();

private:
    struct State;
    std::unique_ptr<State> state_;
};

class Md5 {
public:
    Md5();
    ~Md5();
    Md5(Md5&&) noexcept;
    Md5& operator=(Md5&&) noexcept;
    void update(std::string_view bytes);
    Md5Digest finish();

private:
    struct State;
    std::unique_ptr<State> state_;
};

// Whole messages.
Sha256Digest sha256(std::string_view bytes);
Sha1Digest sha1(std::string_view bytes);
Md5Digest md5(std::string_view bytes);
Sha256Digest hmac_sha256(std::string_view key, std::string_view message);
Sha1Digest hmac_sha1(std::string_view key, std::string_view message);

// Cyclic checks, continued: pass the previous result as `seed`, 0 at the start.
std::uint32_t crc32(std::uint32_t seed, std::string_view bytes);   // IEEE, reflected (gzip)
std::uint32_t crc32c(std::uint32_t seed, std::string_view bytes);  // Castagnoli
std::uint64_t crc64_nvme(std::uint64_t seed,
                         std::string_view bytes);  // check value AE8B14860A799888

// FNV-1a.
std::uint64_t fnv1a_64(std::string_view bytes);
std::uint32_t fnv1a_32(std::string_view bytes);

}  // namespace tarn
