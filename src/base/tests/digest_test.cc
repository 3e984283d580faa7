#include "base/digest.h"

#include <gtest/gtest.h>

#include "base/bytes.h"

namespace tarn {
namespace {

constexpr std::string_view check = "123456789";

template <class Digest>
std::string hex(const Digest& digest) {
    return to_hex(as_view(digest));
}

std::string pattern(std::size_t size) {
    std::string bytes(size, '\0');
    std::uint32_t state = 1;
    for (char& c : bytes) {
        state = state * 1664525 + 1013904223;
        c = static_cast<char>(state >> 24);
    }
    return bytes;
}

TEST(Digests, AgreeWithTheirStandards) {
    EXPECT_EQ(hex(sha256("abc")),
              "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    EXPECT_EQ(hex(sha1("abc")), "a9993e364706816aba3e25717850c26c9cd0d89d");
    EXPECT_EQ(hex(md5("abc")), "900150983cd24fb0d6963f7d28e17f72");
}

TEST(Digests, ComeOutTheSameInPieces) {
    const std::string bytes = pattern(1000);
    Sha256 sha256_pieces;
    Sha1 sha1_pieces;
    Md5 md5_pieces;
    for (std::size_t at = 0; at < bytes.size(); at += 37) {
        const std::string_view piece = std::string_view(bytes).substr(at, 37);
        sha256_pieces.update(piece);
        sha1_pieces.update(piece);
        md5_pieces.update(piece);
    }

    EXPECT_EQ(sha256_pieces.finish(), sha256(bytes));
    EXPECT_EQ(sha1_pieces.finish(), sha1(bytes));
    EXPECT_EQ(md5_pieces.finish(), md5(bytes));
}

TEST(Hmac, AgreesWithRfc4231AndRfc2202) {
    const std::string key(20, '\x0b');
    const std::string long_key(131, '\xaa');

    EXPECT_EQ(hex(hmac_sha256(key, "Hi There")),
              "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
    EXPECT_EQ(hex(hmac_sha256(long_key, "Test Using Larger Than Block-Size Key - Hash Key First")),
              "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
    EXPECT_EQ(hex(hmac_sha1(key, "Hi There")), "b617318655057264e28bc0b6fb378c8ef146be00");
}

TEST(Crc, HasItsCheckValues) {
    EXPECT_EQ(crc32(0, check), 0xcbf43926u);
    EXPECT_EQ(crc32c(0, check), 0xe3069283u);
    EXPECT_EQ(crc64_nvme(0, check), 0xae8b14860a799888u);
}

TEST(Crc, ContinuesFromAnEarlierPiece) {
    EXPECT_EQ(crc32(crc32(0, "1234"), "56789"), 0xcbf43926u);
    EXPECT_EQ(crc32c(crc32c(0, "1234"), "56789"), 0xe3069283u);
    EXPECT_EQ(crc64_nvme(crc64_nvme(0, "1234"), "56789"), 0xae8b14860a799888u);
}

TEST(Crc, FoldsLongInputsToTheResultOfShortSteps) {
    const std::string bytes = pattern(1500);
    for (const std::size_t size : {127u, 128u, 129u, 143u, 144u, 191u, 192u, 255u, 256u, 1500u}) {
        const std::string_view whole = std::string_view(bytes).substr(0, size);
        std::uint64_t stepped = 0;
        for (const char& c : whole) stepped = crc64_nvme(stepped, {&c, 1});
        EXPECT_EQ(crc64_nvme(0, whole), stepped) << size;
    }
}

TEST(Fnv, HasTheValuesThatSplitRangesAndLockTables) {
    EXPECT_EQ(fnv1a_64(""), 14695981039346656037u);
    EXPECT_EQ(fnv1a_64("a/b.txt"), 12647926587094869831u);
    EXPECT_EQ(fnv1a_32("lakefs:kv"), 4109714936u);
}

}  // namespace
}  // namespace tarn
