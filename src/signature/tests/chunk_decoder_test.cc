#include "signature/chunk_decoder.h"

#include <gtest/gtest.h>

#include "base/error.h"

namespace tarn::signature {
namespace {

struct Decoded {
    std::string data;
    int chunks = 0;
    std::vector<std::pair<std::string, std::string>> trailer;
};

// Decodes `wire`, given in pieces of `step` bytes.
Decoded decode(std::string_view wire, ChunkDecoder::Form form, std::size_t step) {
    ChunkDecoder decoder(form);
    Decoded decoded;
    while (!wire.empty()) {
        auto input = wire.substr(0, step);
        wire.remove_prefix(input.size());
        while (!input.empty()) {
            const auto event = decoder.next(input);
            if (event == ChunkDecoder::Event::data) decoded.data.append(decoder.data());
            if (event == ChunkDecoder::Event::chunk_end) ++decoded.chunks;
        }
    }
    decoder.finish();
    decoded.trailer = decoder.trailer();
    return decoded;
}

std::string detail_of(std::string_view wire, ChunkDecoder::Form form) {
    try {
        decode(wire, form, 3);
    } catch (const Error& error) {
        EXPECT_EQ(error.code(), Code::invalid_argument);
        return error.detail();
    }
    return "";
}

TEST(ChunkDecoder, IsIndifferentToHowTheInputIsCut) {
    const std::string wire =
        "5\r\nhello\r\nA\r\n 012345678\r\n0\r\nx-amz-checksum-crc32:AAAAAA==\r\n\r\n";
    for (std::size_t step = 1; step <= wire.size(); ++step) {
        const auto decoded = decode(wire, {false, true, 15}, step);

        EXPECT_EQ(decoded.data, "hello 012345678");
        EXPECT_EQ(decoded.chunks, 3);
        ASSERT_EQ(decoded.trailer.size(), 1u);
        EXPECT_EQ(decoded.trailer[0].second, "AAAAAA==");
    }
}

TEST(ChunkDecoder, ReadsSignatures) {
    const std::string signature(64, 'e');
    const std::string wire =
        "2;chunk-signature=" + signature + "\r\nab\r\n0;chunk-signature=" + signature + "\r\n\r\n";

    EXPECT_EQ(decode(wire, {true, false, 2}, 7).data, "ab");
}

TEST(ChunkDecoder, RefusesWhatIsNoChunk) {
    const std::string signature(64, 'e');
    EXPECT_EQ(detail_of("zz\r\n", {false, false, 5}), "malformed_chunk");
    EXPECT_EQ(detail_of("\r\n", {false, false, 5}), "malformed_chunk");
    EXPECT_EQ(detail_of("5\r\nhello!\r\n0\r\n\r\n", {false, false, 5}), "malformed_chunk");
    EXPECT_EQ(detail_of("5\r\nhello\r\n0\r\n\r\nx", {false, false, 5}), "malformed_chunk");
    EXPECT_EQ(detail_of("ffffffffffffffffff\r\n", {false, false, 5}), "malformed_chunk");
    EXPECT_EQ(detail_of(std::string(2000, '1'), {false, false, 5}), "malformed_chunk");
    EXPECT_EQ(detail_of("1\r\na\r\n0\r\n\r\n", {true, false, 1}), "malformed_chunk");
    EXPECT_EQ(detail_of("0\r\nnothing\r\n\r\n", {false, true, 0}), "malformed_trailer");
    EXPECT_EQ(detail_of("0\r\na:b\r\n\r\n", {false, false, 0}), "malformed_trailer");
    EXPECT_EQ(detail_of("2;chunk-signature=" + signature + "\r\nab\r\n0\r\n", {true, false, 2}),
              "malformed_chunk");
}

TEST(ChunkDecoder, HoldsTheBodyToItsDeclaredLength) {
    EXPECT_EQ(detail_of("6\r\nhello!\r\n0\r\n\r\n", {false, false, 5}), "incomplete_body");
    EXPECT_EQ(detail_of("4\r\nhell\r\n0\r\n\r\n", {false, false, 5}), "incomplete_body");
    EXPECT_EQ(detail_of("5\r\nhello\r\n", {false, false, 5}), "incomplete_body");
    EXPECT_EQ(detail_of("5\r\nhel", {false, false, 5}), "incomplete_body");
    EXPECT_EQ(detail_of("", {false, false, 0}), "incomplete_body");
}

}  // namespace
}  // namespace tarn::signature
