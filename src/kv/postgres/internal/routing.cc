#include "kv/postgres/internal/routing.h"

#include <bit>
#include <cstring>

namespace tarn::kv::postgres {
namespace {

constexpr std::uint64_t partition_seed = 0x7A5B22367996DCFD;
constexpr std::uint64_t combined_with_nothing = 0x49A0F4DD15E5A8E3;

struct State {
    std::uint32_t a;
    std::uint32_t b;
    std::uint32_t c;

    void mix() {
        step(a, c, 4, b);
        step(b, a, 6, c);
        step(c, b, 8, a);
        step(a, c, 16, b);
        step(b, a, 19, c);
        step(c, b, 4, a);
    }

    void finish() {
        fold(c, b, 14);
        fold(a, c, 11);
        fold(b, a, 25);
        fold(c, b, 16);
        fold(a, c, 4);
        fold(b, a, 14);
        fold(c, b, 24);
    }

private:
    static void step(std::uint32_t& x, std::uint32_t& y, int bits, std::uint32_t z) {
        x -= y;
        x ^= std::rotl(y, bits);
        y += z;
    }
    static void fold(std::uint32_t& x, std::uint32_t y, int bits) {
        x ^= y;
        x -= std::rotl(y, bits);
    }
};

// Up to four bytes, the first one lowest.
std::uint32_t word(std::string_view bytes, std::size_t at) {
    std::uint32_t value = 0;
    for (std::size_t i = 0; i < 4 && at + i < bytes.size(); ++i) {
        value |= static_cast<std::uint32_t>(static_cast<unsigned char>(bytes[at + i])) << (8 * i);
    }
    return value;
}

}  // namespace

std::uint64_t hash_extended(std::string_view bytes, std::uint64_t seed) {
    const auto start = static_cast<std::uint32_t>(0x9E3779B9U + bytes.size() + 3923095U);
    State state{start, start, start};
    if (seed != 0) {
        state.a += static_cast<std::uint32_t>(seed >> 32U);
        state.b += static_cast<std::uint32_t>(seed);
        state.mix();
    }
    while (bytes.size() >= 12) {
        state.a += word(bytes, 0);
        state.b += word(bytes, 4);
        state.c += word(bytes, 8);
        state.mix();
        bytes.remove_prefix(12);
    }
    state.a += word(bytes, 0);
    state.b += word(bytes, 4);
    state.c += word(bytes, 8) << 8U;  // its lowest byte stands for the length
    state.finish();
    return (static_cast<std::uint64_t>(state.b) << 32U) | state.c;
}

int table_of(std::string_view partition) {
    const std::uint64_t hash = hash_extended(partition, partition_seed) + combined_with_nothing;
    return static_cast<int>(hash % table_count);
}

}  // namespace tarn::kv::postgres
