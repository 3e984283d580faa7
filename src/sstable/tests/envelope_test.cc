#include "sstable/envelope.h"

#include <gtest/gtest.h>

#include <limits>

#include "base/bytes.h"
#include "base/error.h"
#include "base/varint.h"

namespace tarn::sstable {
namespace {

std::string enveloped(std::string_view identity, std::string_view data) {
    std::string out;
    append_envelope(out, identity, data);
    return out;
}

TEST(Envelope, PutsAZigzagLengthBeforeEachPart) {
    const std::string fox = "the quick brown fox";

    EXPECT_EQ(to_hex(enveloped("", "")), "0000");
    EXPECT_EQ(to_hex(enveloped("foo", "")), "06666f6f00");
    EXPECT_EQ(enveloped("", fox), std::string("\x00\x26", 2) + fox);
    EXPECT_EQ(enveloped("foo", fox),
              "\x06"
              "foo\x26" +
                  fox);
}

TEST(Envelope, IsReadWithWhateverFollowsIt) {
    const Envelope envelope = parse_envelope(
        "\x06"
        "foo\x04"
        "da and more");

    EXPECT_EQ(envelope.identity, "foo");
    EXPECT_EQ(envelope.data, "da");
}

TEST(Envelope, RefusesBadLengths) {
    for (const char* bad : {"03666f6f00", "04666f6f00", "10666f6f00", "", "06666f6f", "ff"}) {
        EXPECT_FALSE(find_envelope(from_hex(bad).value()).has_value()) << bad;
        EXPECT_THROW(parse_envelope(from_hex(bad).value()), Error) << bad;
    }
}

TEST(Zigzag, EncodesSignedNumbers) {
    const auto hex = [](std::int64_t value) {
        std::string out;
        append_zigzag(out, value);
        std::string_view rest = out;
        std::int64_t read = 0;
        EXPECT_TRUE(take_zigzag(rest, read));
        EXPECT_EQ(read, value);
        return to_hex(out);
    };

    EXPECT_EQ(hex(-2), "03");
    EXPECT_EQ(hex(63), "7e");
    EXPECT_EQ(hex(64), "8001");
    EXPECT_EQ(hex(127), "fe01");
    EXPECT_EQ(hex(128), "8002");
    EXPECT_EQ(hex(std::numeric_limits<std::int64_t>::min()), "ffffffffffffffffff01");
}

TEST(Uvarint, HasTheLengthThatIsForetold) {
    for (int bit = 0; bit < 64; ++bit) {
        for (const std::uint64_t value : {(1ULL << bit) - 1, 1ULL << bit}) {
            std::string out;
            append_uvarint(out, value);
            EXPECT_EQ(static_cast<int>(out.size()), uvarint_length(value)) << value;
        }
    }
}

}  // namespace
}  // namespace tarn::sstable
