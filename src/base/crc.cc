#include <isa-l/crc.h>

#include <array>
#include <cstring>

#include "base/digest.h"

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace tarn {
namespace {

// x^64 + ... of NVMe, reflected: bit 63 holds the coefficient of x^0.
constexpr std::uint64_t nvme_polynomial = 0x9a6c9329ac4bc9b5u;

constexpr std::uint64_t times_x(std::uint64_t value) {
    return (value >> 1) ^ ((value & 1) != 0 ? nvme_polynomial : 0);
}

using Tables = std::array<std::array<std::uint64_t, 256>, 8>;

// Table [k][b]: the remainder of byte b followed by k zero bytes.
constexpr Tables make_tables() {
    Tables tables{};
    for (std::size_t byte = 0; byte < 256; ++byte) {
        std::uint64_t value = byte;
        for (int bit = 0; bit < 8; ++bit) value = times_x(value);
        tables[0][byte] = value;
    }
    for (std::size_t k = 1; k < 8; ++k) {
        for (std::size_t byte = 0; byte < 256; ++byte) {
            const std::uint64_t before = tables[k - 1][byte];
            tables[k][byte] = (before >> 8) ^ tables[0][before & 0xff];
        }
    }
    return tables;
}

constexpr Tables tables = make_tables();

std::uint64_t load(const char* bytes) {
    std::uint64_t word = 0;
    std::memcpy(&word, bytes, sizeof word);
    return word;
}

// The remainder continued over `bytes`, without inversion at either end.
std::uint64_t by_table(std::uint64_t crc, std::string_view bytes) {
    while (bytes.size() >= 8) {
        crc ^= load(bytes.data());
        std::uint64_t next = 0;
        for (std::size_t k = 0; k < 8; ++k) next ^= tables[7 - k][crc >> (8 * k) & 0xff];
        crc = next;
        bytes.remove_prefix(8);
    }
    for (const char c : bytes) {
        crc = (crc >> 8) ^ tables[0][(crc ^ static_cast<unsigned char>(c)) & 0xff];
    }
    return crc;
}

#if defined(__x86_64__)

// x^n modulo the polynomial, reflected.
constexpr std::uint64_t power_of_x(int n) {
    std::uint64_t value = std::uint64_t{1} << 63;
    for (int i = 0; i < n; ++i) value = times_x(value);
    return value;
}

#define TARN_CLMUL __attribute__((target("pclmul,sse4.1")))

// Moves a register `distance` bits on and adds `next`. A product of two reflected words stands one
// bit too high, hence the exponents less one.
template <int distance>
TARN_CLMUL __m128i fold(__m128i reg, __m128i next) {
    constexpr auto low_factor = static_cast<long long>(power_of_x(distance + 63));
    constexpr auto high_factor = static_cast<long long>(power_of_x(distance - 1));
    const __m128i factors = _mm_set_epi64x(high_factor, low_factor);
    const __m128i low = _mm_clmulepi64_si128(reg, factors, 0x00);
    const __m128i high = _mm_clmulepi64_si128(reg, factors, 0x11);
    return _mm_xor_si128(_mm_xor_si128(low, high), next);
}

TARN_CLMUL __m128i load_block(const char* bytes) {
    return _mm_loadu_si128(reinterpret_cast<const __m128i*>(bytes));
}

// As by_table, for at least 128 bytes.
TARN_CLMUL std::uint64_t by_folding(std::uint64_t crc, std::string_view bytes) {
    std::array<__m128i, 4> regs;
    for (std::size_t i = 0; i < 4; ++i) regs[i] = load_block(bytes.data() + 16 * i);
    regs[0] = _mm_xor_si128(regs[0], _mm_set_epi64x(0, static_cast<long long>(crc)));
    bytes.remove_prefix(64);
    while (bytes.size() >= 64) {
        for (std::size_t i = 0; i < 4; ++i) {
            regs[i] = fold<512>(regs[i], load_block(bytes.data() + 16 * i));
        }
        bytes.remove_prefix(64);
    }
    __m128i reg = fold<128>(regs[0], regs[1]);
    reg = fold<128>(reg, regs[2]);
    reg = fold<128>(reg, regs[3]);
    while (bytes.size() >= 16) {
        reg = fold<128>(reg, load_block(bytes.data()));
        bytes.remove_prefix(16);
    }
    std::array<char, 16> rest;
    _mm_storeu_si128(reinterpret_cast<__m128i*>(rest.data()), reg);
    return by_table(by_table(0, {rest.data(), rest.size()}), bytes);
}

#undef TARN_CLMUL

#endif

}  // namespace

std::uint32_t crc32(std::uint32_t seed, std::string_view bytes) {
    const auto* data = reinterpret_cast<const unsigned char*>(bytes.data());
    return crc32_gzip_refl(seed, data, bytes.size());
}

std::uint32_t crc32c(std::uint32_t seed, std::string_view bytes) {
    // The library takes an int; larger inputs go in pieces.
    constexpr std::size_t piece_bytes_max = std::size_t{1} << 30;
    std::uint32_t crc = ~seed;
    while (!bytes.empty()) {
        const std::string_view piece = bytes.substr(0, piece_bytes_max);
        auto* data = reinterpret_cast<unsigned char*>(const_cast<char*>(piece.data()));
        crc = crc32_iscsi(data, static_cast<int>(piece.size()), crc);
        bytes.remove_prefix(piece.size());
    }
    return ~crc;
}

std::uint64_t crc64_nvme(std::uint64_t seed, std::string_view bytes) {
#if defined(__x86_64__)
    if (bytes.size() >= 128 && __builtin_cpu_supports("pclmul")) return ~by_folding(~seed, bytes);
#endif
    return ~by_table(~seed, bytes);
}

}  // namespace tarn
