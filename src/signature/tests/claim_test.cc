#include "signature/claim.h"

#include <gtest/gtest.h>

namespace tarn::signature {
namespace {

Time now() {
    return from_unix_seconds(1'369'353'600);
}

Reason reason_of(std::string_view authorization, std::string_view query = "",
                 std::string_view date = "20130524T000000Z",
                 std::string_view payload = "UNSIGNED-PAYLOAD") {
    std::vector<FieldView> fields{{"Host", "h"}};
    if (!authorization.empty()) fields.emplace_back("Authorization", authorization);
    if (!date.empty()) fields.emplace_back("x-amz-date", date);
    if (!payload.empty()) fields.emplace_back("x-amz-content-sha256", payload);
    const auto claim = parse_claim({"GET", "/b/k", query, fields, ""}, now(), {});
    EXPECT_FALSE(claim.has_value());
    return claim ? Reason::mismatch : claim.error().reason;
}

const std::string good =
    "AWS4-HMAC-SHA256 Credential=AK/20130524/r.with.dots/s3/aws4_request, SignedHeaders=host, "
    "Signature=" +
    std::string(64, 'a');

TEST(ParseClaim, ReadsComponentsInAnyOrderAndWithAnySpacing) {
    const std::string field = "AWS4-HMAC-SHA256 Signature=" + std::string(64, 'a') +
                              ",SignedHeaders=host;X-Amz-Date ,  "
                              "Credential=a/b/20130524/us-east-1/s3/aws4_request";
    const FieldView fields[]{{"Authorization", field}, {"X-Amz-Date", "20130524T000000Z"}};

    const auto claim = parse_claim({"GET", "/", "", fields, ""}, now(), {});

    ASSERT_TRUE(claim.has_value());
    EXPECT_EQ(claim->access_key, "a/b");
    EXPECT_EQ(claim->signed_headers, (std::vector<std::string>{"host", "x-amz-date"}));
    EXPECT_EQ(claim->payload, Payload::not_signed);
}

TEST(ParseClaim, SaysWhatIsWrong) {
    EXPECT_EQ(reason_of(""), Reason::no_signature);
    EXPECT_EQ(reason_of("Digest x"), Reason::unknown_scheme);
    EXPECT_EQ(reason_of("Bearer x"), Reason::no_signature);
    EXPECT_EQ(reason_of("AWS nonsense"), Reason::unknown_scheme);
    EXPECT_EQ(reason_of("AWS4-HMAC-SHA256 nonsense"), Reason::header_malformed);
    EXPECT_EQ(reason_of("AWS4-HMAC-SHA256"), Reason::unknown_scheme);
    EXPECT_EQ(reason_of(good, "", ""), Reason::no_date);
    EXPECT_EQ(reason_of(good, "", "2026-01-01"), Reason::no_date);
    EXPECT_EQ(reason_of(good, "", "20130523T235959Z"), Reason::header_malformed);
    EXPECT_EQ(reason_of(good, "", "20130524T002000Z"), Reason::skewed);
    EXPECT_EQ(reason_of(good, "X-Amz-Signature=x"), Reason::two_mechanisms);
    EXPECT_EQ(reason_of("", "X-Amz-Credential=x"), Reason::query_malformed);
    EXPECT_EQ(reason_of(good, "", "20130524T000000Z", "SOMETHING"), Reason::payload_unknown);
    EXPECT_EQ(reason_of(good, "", "20130524T000000Z", "STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD"),
              Reason::payload_unsupported);
    EXPECT_EQ(reason_of("", "AWSAccessKeyId=a&Signature=b&Expires=1"), Reason::expired);
}

TEST(ParseClaim, AcceptsADateOfRfc1123) {
    const FieldView fields[]{{"Authorization", good}, {"Date", "Fri, 24 May 2013 00:00:10 GMT"}};

    const auto claim = parse_claim({"GET", "/", "", fields, ""}, now(), {});

    ASSERT_TRUE(claim.has_value());
    EXPECT_EQ(claim->timestamp, "20130524T000010Z");
}

std::string message_for_expires(std::string_view expires) {
    const std::string query =
        "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AK%2F20130524%2Fr%2Fs3%2Faws4_request"
        "&X-Amz-Date=20130524T000000Z&X-Amz-SignedHeaders=host&X-Amz-Signature=x&X-Amz-Expires=" +
        std::string(expires);
    const FieldView fields[]{{"Host", "h"}};
    const auto claim = parse_claim({"GET", "/", query, fields, ""}, now(), {});
    return claim ? "" : claim.error().message;
}

TEST(ParseClaim, BoundsTheLifetimeOfAUrl) {
    EXPECT_EQ(message_for_expires("1"), "");
    EXPECT_EQ(message_for_expires("604800"), "");
    EXPECT_EQ(message_for_expires("abc"), "X-Amz-Expires should be a number");
    EXPECT_EQ(message_for_expires("-1"), "X-Amz-Expires must be non-negative");
    EXPECT_NE(message_for_expires("0"), "");
    EXPECT_NE(message_for_expires("604801"), "");
}

}  // namespace
}  // namespace tarn::signature
