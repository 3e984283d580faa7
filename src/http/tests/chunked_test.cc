#include "http/internal/chunked.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace tarn::http {
namespace {

// Decodes `wire` in pieces of `step` bytes; "!" when it is bad, "?" when it does not end.
std::string decode(const std::string& wire, std::size_t step, std::size_t* used = nullptr) {
    ChunkDecoder decoder;
    std::string data;
    std::size_t at = 0;
    while (at < wire.size()) {
        const std::string_view piece = std::string_view(wire).substr(at, step);
        if (decoder.state() == ChunkDecoder::State::data) {
            const auto size = std::min<std::size_t>(piece.size(), decoder.data_left());
            data.append(piece.substr(0, size));
            decoder.took(size);
            at += size;
        } else {
            at += decoder.feed(piece);
        }
        if (decoder.state() == ChunkDecoder::State::bad) return "!";
        if (decoder.state() == ChunkDecoder::State::end) {
            if (used != nullptr) *used = at;
            return data;
        }
    }
    return "?";
}

TEST(ChunkDecoder, ReadsChunksHoweverTheBytesArrive) {
    const std::string wire =
        "5\r\nhello\r\n00A;name=\"v\"\r\n, my world\r\n0\r\nX-Trailer: y\r\nEmpty:\r\n\r\nnext";
    for (std::size_t step = 1; step <= wire.size(); ++step) {
        std::size_t used = 0;

        const std::string data = decode(wire, step, &used);

        EXPECT_EQ(data, "hello, my world") << step;
        EXPECT_EQ(wire.substr(used), "next") << step;
    }
}

TEST(ChunkDecoder, RefusesBadFraming) {
    const std::vector<std::string> wires{
        "\r\n",
        "g\r\n",
        "-1\r\n",
        "0x5\r\nhello\r\n",
        " 5\r\n",
        "5 \r\nhello",
        "5\nhello",
        "5\r\nhello!\r\n",
        "5\r\nhello\n0\r\n",
        "5\rhello",
        ";a\r\n",
        "fffffffffffffffff\r\n",
        "1;a\x01\r\n",
        "0\r\n:x\r\n\r\n",
        "0\r\nA b: c\r\n\r\n",
        "0\r\nA: b\n\r\n",
        "0\r\n x\r\n\r\n",
        "0\r\n\rX",
    };
    for (const std::string& wire : wires) EXPECT_EQ(decode(wire, 3), "!") << wire;
}

TEST(ChunkDecoder, BoundsExtensionsAndTrailers) {
    EXPECT_EQ(decode("1;" + std::string(20'000, 'a'), 4096), "!");
    EXPECT_EQ(decode("0\r\nA: " + std::string(20'000, 'a'), 4096), "!");
}

TEST(ChunkDecoder, DoesNotEndBeforeTheLastLine) {
    EXPECT_EQ(decode("5\r\nhello\r\n0\r\n", 100), "?");
    EXPECT_EQ(decode("5\r\nhel", 100), "?");
}

}  // namespace
}  // namespace tarn::http
