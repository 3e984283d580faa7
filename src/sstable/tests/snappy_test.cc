#include "sstable/snappy.h"

#include <gtest/gtest.h>

#include <random>
#include <string>

namespace tarn::sstable {
namespace {

std::string compressed(std::string_view input) {
    std::string out;
    snappy_compress(input, out);
    return out;
}

std::string random_text(std::mt19937_64& random, std::size_t size, int alphabet) {
    std::string text(size, '\0');
    for (char& c : text) c = static_cast<char>('a' + random() % static_cast<unsigned>(alphabet));
    return text;
}

TEST(Snappy, EmitsShortInputAsOneLiteral) {
    const std::string input = "aaaaaaaaaaaaaaaa";  // one below the size that is searched

    EXPECT_EQ(compressed(input), std::string("\x10\x3c") + input);
}

TEST(Snappy, EmitsARunAsALiteralAndACopy) {
    const std::string input(100, 'a');

    // 64 bytes at once, the rest (100 - 1 - 64 = 35) as one copy; both at distance 1.
    EXPECT_EQ(compressed(input), std::string("\x64\x00"
                                             "a\xfe\x01\x00\x8a\x01\x00",
                                             9));
}

TEST(Snappy, DecodesWhatItEncodes) {
    std::mt19937_64 random(7);
    for (int round = 0; round < 400; ++round) {
        const std::size_t size = random() % (round % 10 == 0 ? 200'000 : 6'000);
        const std::string input = random_text(random, size, 1 + static_cast<int>(random() % 20));
        std::string output;

        const bool good = snappy_decompress(compressed(input), 1 << 20, output);

        ASSERT_TRUE(good);
        ASSERT_EQ(output, input);
    }
}

TEST(Snappy, RefusesMoreOutputThanAllowed) {
    std::string output;

    EXPECT_FALSE(snappy_decompress(compressed(std::string(1'000, 'x')), 999, output));
}

TEST(Snappy, RefusesMalformedInput) {
    const std::string good = compressed("the quick brown fox jumps over the lazy dog, the quick");
    std::string output;

    for (std::size_t cut = 0; cut < good.size(); ++cut) {
        EXPECT_FALSE(snappy_decompress(good.substr(0, cut), 1 << 20, output)) << cut;
    }
    EXPECT_FALSE(snappy_decompress("\xff\xff\xff\xff\x0f\x00", 1 << 20, output));
}

}  // namespace
}  // namespace tarn::sstable
