#include "base/bytes.h"

#include <gtest/gtest.h>

namespace tarn {
namespace {

using namespace std::string_literals;

TEST(Hex, GoesBothWays) {
    EXPECT_EQ(to_hex("\x00\xff\x1a"s), "00ff1a");
    EXPECT_EQ(from_hex("00fF1A"), "\x00\xff\x1a"s);
    EXPECT_EQ(from_hex("0"), std::nullopt);
    EXPECT_EQ(from_hex("0g"), std::nullopt);
}

TEST(Base64, AgreesWithRfc4648) {
    const std::vector<std::pair<std::string, std::string>> vectors = {{"", ""},
                                                                      {"f", "Zg=="},
                                                                      {"fo", "Zm8="},
                                                                      {"foo", "Zm9v"},
                                                                      {"foob", "Zm9vYg=="},
                                                                      {"fooba", "Zm9vYmE="},
                                                                      {"foobar", "Zm9vYmFy"}};
    for (const auto& [bytes, text] : vectors) {
        EXPECT_EQ(to_base64(bytes), text);
        EXPECT_EQ(from_base64(text), bytes);
        EXPECT_EQ(from_base64url(to_base64url(bytes)), bytes);
        EXPECT_EQ(from_base64url(text), bytes);
    }
}

TEST(Base64, UsesTheUrlSafeAlphabetWithoutPadding) {
    EXPECT_EQ(to_base64url("\xfb\xff"), "-_8");
    EXPECT_EQ(to_base64("\xfb\xff"), "+/8=");
    EXPECT_EQ(from_base64("-_8="), std::nullopt);
}

TEST(Base64, RefusesWhatNoEncoderWrites) {
    for (const char* text : {"Zg", "Zg=", "Z===", "Zh==", "Zm9=", "Zm 8", "====", "=Zg="}) {
        EXPECT_EQ(from_base64(text), std::nullopt) << text;
    }
}

TEST(Percent, KeepsUnreservedBytesOnly) {
    EXPECT_EQ(percent_encode("aZ09-._~ /+%\xc3\xa9"), "aZ09-._~%20%2F%2B%25%C3%A9");
    EXPECT_EQ(percent_encode("a/b c", "/"), "a/b%20c");
    EXPECT_EQ(percent_encode("\0"s), "%00");
}

TEST(Percent, DecodesAndRefusesMalformedEscapes) {
    EXPECT_EQ(percent_decode("a%2fb+%C3%A9"), "a/b+\xc3\xa9");
    for (const char* text : {"%", "%1", "%g0", "%0g"}) {
        EXPECT_EQ(percent_decode(text), std::nullopt) << text;
    }
}

TEST(Text, ComparesAndTrimsInAscii) {
    EXPECT_EQ(to_lower("ABC-\xc3\x89"), "abc-\xc3\x89");
    EXPECT_TRUE(equals_ignoring_case("Content-MD5", "content-md5"));
    EXPECT_FALSE(equals_ignoring_case("@", "`"));
    EXPECT_EQ(trim(" \t a b\t "), "a b");
    EXPECT_EQ(trim(" \t"), "");
}

TEST(Utf8, AcceptsWellFormedSequencesOnly) {
    for (const char* good : {"", "plain ascii text", "\xc3\xa9", "\xe2\x82\xac", "\xf0\x9f\x98\x80",
                             "\xed\x9f\xbf", "\xf4\x8f\xbf\xbf", "12345678\xc3\xa9"}) {
        EXPECT_TRUE(is_utf8(good)) << good;
    }
    for (const char* bad :
         {"\x80", "\xc0\x80", "\xc3", "\xe0\x80\x80", "\xed\xa0\x80", "\xf4\x90\x80\x80",
          "\xf8\x88\x80\x80\x80", "\xff", "\xe2\x82", "1234567\xc3"}) {
        EXPECT_FALSE(is_utf8(bad)) << to_hex(bad);
    }
}

TEST(ConstantTime, ComparesLikeEquality) {
    EXPECT_TRUE(equals_in_constant_time("secret", "secret"));
    EXPECT_FALSE(equals_in_constant_time("secret", "secreT"));
    EXPECT_FALSE(equals_in_constant_time("secret", "secret "));
    EXPECT_TRUE(equals_in_constant_time("", ""));
}

TEST(Decimal, ReadsDigitsOnly) {
    EXPECT_EQ(parse_decimal("0"), 0u);
    EXPECT_EQ(parse_decimal("18446744073709551615"), 18446744073709551615u);
    for (const char* text : {"", "-1", "+1", " 1", "1 ", "0x1", "18446744073709551616"}) {
        EXPECT_EQ(parse_decimal(text), std::nullopt) << text;
    }
}

}  // namespace
}  // namespace tarn
