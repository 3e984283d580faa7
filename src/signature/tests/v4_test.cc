#include "signature/v4.h"

#include <gtest/gtest.h>

#include "base/bytes.h"
#include "signature/sign.h"

namespace tarn::signature {
namespace {

// The examples of "Signature Calculations" in Amazon's documentation of S3.
const Secret secret{"wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"};
constexpr std::string_view empty_hash =
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
constexpr std::string_view credential =
    "AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request,";

Time example_time() {
    return from_unix_seconds(1'369'353'600);
}

std::string authorization(std::string_view headers, std::string_view signature) {
    return std::string(credential) + "SignedHeaders=" + std::string(headers) +
           ",Signature=" + std::string(signature);
}

Checked<Seed> check(const Message& message, Time now) {
    SigningKeys keys;
    const auto claim = parse_claim(message, now, {});
    if (!claim) return std::unexpected(claim.error());
    return verify_v4(message, *claim, secret, keys);
}

TEST(VerifyV4, AcceptsTheDocumentedGet) {
    const auto field =
        authorization("host;range;x-amz-content-sha256;x-amz-date",
                      "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41");
    const FieldView fields[]{{"Host", "examplebucket.s3.amazonaws.com"},
                             {"Authorization", field},
                             {"Range", "bytes=0-9"},
                             {"x-amz-content-sha256", empty_hash},
                             {"x-amz-date", "20130524T000000Z"}};

    const auto seed = check({"GET", "/test.txt", "", fields, ""}, example_time());

    EXPECT_TRUE(seed.has_value());
}

TEST(VerifyV4, AcceptsTheDocumentedPutWithADollarInItsPath) {
    const auto field =
        authorization("date;host;x-amz-content-sha256;x-amz-date;x-amz-storage-class",
                      "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd");
    const FieldView fields[]{{"Host", "examplebucket.s3.amazonaws.com"},
                             {"Date", "Fri, 24 May 2013 00:00:00 GMT"},
                             {"Authorization", field},
                             {"x-amz-date", "20130524T000000Z"},
                             {"x-amz-storage-class", "REDUCED_REDUNDANCY"},
                             {"x-amz-content-sha256",
                              "44ce7dd67c959e0d3524ffac1771dfbba87d2b6b4b4e99e42034a8b803f8b072"}};

    const auto seed = check({"PUT", "/test$file.text", "", fields, ""}, example_time());

    EXPECT_TRUE(seed.has_value());
}

TEST(VerifyV4, AcceptsTheDocumentedSubresourceAndList) {
    const auto lifecycle =
        authorization("host;x-amz-content-sha256;x-amz-date",
                      "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543");
    const auto list =
        authorization("host;x-amz-content-sha256;x-amz-date",
                      "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7");
    const auto fields = [](const std::string& field) {
        return std::vector<FieldView>{{"host", "examplebucket.s3.amazonaws.com"},
                                      {"authorization", field},
                                      {"x-amz-date", "20130524T000000Z"},
                                      {"x-amz-content-sha256", empty_hash}};
    };

    const auto with_lifecycle = fields(lifecycle);
    const auto with_list = fields(list);

    EXPECT_TRUE(check({"GET", "/", "lifecycle", with_lifecycle, ""}, example_time()).has_value());
    EXPECT_TRUE(
        check({"GET", "/", "max-keys=2&prefix=J", with_list, ""}, example_time()).has_value());
}

constexpr std::string_view presigned_query =
    "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20130524%2Fus-east-1"
    "%2Fs3%2Faws4_request&X-Amz-Date=20130524T000000Z&X-Amz-Expires=86400&X-Amz-SignedHeaders=host"
    "&X-Amz-Signature=aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404";

TEST(VerifyV4, AcceptsTheDocumentedPresignedUrlUntilItExpires) {
    const FieldView fields[]{{"Host", "examplebucket.s3.amazonaws.com"}};
    const Message message{"GET", "/test.txt", presigned_query, fields, ""};

    const auto at_end = check(message, example_time() + std::chrono::seconds(86'400));
    const auto behind = check(message, example_time() + std::chrono::seconds(86'401));

    EXPECT_TRUE(at_end.has_value());
    ASSERT_FALSE(behind.has_value());
    EXPECT_EQ(behind.error().reason, Reason::expired);
}

TEST(VerifyV4, RefusesAPresignedUrlFromTheFuture) {
    const FieldView fields[]{{"Host", "examplebucket.s3.amazonaws.com"}};
    const Message message{"GET", "/test.txt", presigned_query, fields, ""};

    const auto seed = check(message, example_time() - std::chrono::seconds(901));

    ASSERT_FALSE(seed.has_value());
    EXPECT_EQ(seed.error().reason, Reason::not_valid_yet);
}

// A request signed by ourselves, to be changed in one place.
class Signed : public ::testing::Test {
protected:
    Checked<Seed> verify() {
        if (authorization_.empty()) sign();
        std::vector<FieldView> fields(fields_.begin(), fields_.end());
        fields.emplace_back("Authorization", authorization_);
        return check({method_, path_, query_, fields, ""}, now_);
    }
    void sign() {
        const Credentials credentials{"AKIDEXAMPLE", secret, "eu-central-1"};
        std::vector<FieldView> fields(fields_.begin(), fields_.end());
        authorization_ = sign_header({method_, path_, query_, fields, ""}, credentials, now_);
    }

    Time now_ = example_time();
    std::string method_ = "GET";
    std::string path_ = "/bucket/main/a%20b+c//d/../%C3%A9";
    std::string query_ = "prefix=a+b&x%2f1=%7E&x-1=&x-1=2&uploads";
    std::vector<std::pair<std::string, std::string>> fields_{
        {"Host", "localhost:8000"},
        {"X-Amz-Date", "20130524T000000Z"},
        {"x-amz-meta-a", " one   two "},
        {"x-amz-meta-a", "three"},
        {"x-amz-content-sha256", "UNSIGNED-PAYLOAD"}};
    std::string authorization_;
};

TEST_F(Signed, IsAcceptedAsItIs) {
    EXPECT_TRUE(verify().has_value());
}

TEST_F(Signed, IsRefusedWhenItsMethodPathQueryOrAFieldChanges) {
    sign();
    const auto expect_refused = [this](auto change, auto undo) {
        change();
        const auto seed = verify();
        ASSERT_FALSE(seed.has_value());
        EXPECT_EQ(seed.error().reason, Reason::mismatch);
        undo();
    };

    expect_refused([this] { method_ = "PUT"; }, [this] { method_ = "GET"; });
    expect_refused([this] { path_ += "x"; }, [this] { path_.pop_back(); });
    expect_refused([this] { query_ += "&acl"; }, [this] { query_.resize(query_.size() - 4); });
    expect_refused([this] { fields_[3].second = "four"; }, [this] { fields_[3].second = "three"; });
    EXPECT_TRUE(verify().has_value());
}

TEST_F(Signed, IsRefusedWhenAnUnsignedAmazonFieldIsAdded) {
    sign();
    fields_.emplace_back("X-Amz-Meta-Sneaked", "1");

    const auto seed = verify();

    ASSERT_FALSE(seed.has_value());
    EXPECT_EQ(seed.error().reason, Reason::headers_not_signed);
    EXPECT_EQ(seed.error().details.at(0).second, "x-amz-meta-sneaked");
}

TEST_F(Signed, IsRefusedFifteenMinutesOffEitherWay) {
    sign();
    for (const int seconds : {-901, 901}) {
        now_ = example_time() + std::chrono::seconds(seconds);

        const auto seed = verify();

        ASSERT_FALSE(seed.has_value());
        EXPECT_EQ(seed.error().reason, Reason::skewed);
    }
    now_ = example_time() + std::chrono::seconds(899);
    EXPECT_TRUE(verify().has_value());
}

TEST_F(Signed, AcceptsEscapesInTheOtherCaseAndAQueryInAnotherOrder) {
    sign();
    path_ = "/bucket/main/a%20b%2bc//d/../%c3%a9";
    query_ = "uploads=&x-1=2&x-1=&x%2F1=~&prefix=a%20b";

    EXPECT_TRUE(verify().has_value());
}

TEST(VerifyV4, AcceptsAPathSignedAsItWasSent) {
    const FieldView fields[]{{"Host", "h"},
                             {"x-amz-date", "20130524T000000Z"},
                             {"x-amz-content-sha256", "UNSIGNED-PAYLOAD"}};
    Claim claim;
    claim.access_key = "AK";
    claim.date = "20130524";
    claim.region = "auto";
    claim.timestamp = "20130524T000000Z";
    claim.signed_headers = {"host", "x-amz-content-sha256", "x-amz-date"};
    claim.payload_word = "UNSIGNED-PAYLOAD";
    const Message message{"GET", "/b/k+%2f(1)", "", fields, ""};
    const auto canonical = canonical_request(message, claim, true, {});
    const auto text = "AWS4-HMAC-SHA256\n20130524T000000Z\n" + claim.scope() + "\n" +
                      to_hex(as_view(sha256(canonical)));
    const auto key = signing_key(secret, claim.date, claim.region);
    claim.signature = to_hex(as_view(hmac_sha256(as_view(key), text)));
    SigningKeys keys;

    EXPECT_TRUE(verify_v4(message, claim, secret, keys).has_value());
}

TEST(SigningKeys, FollowAChangedSecret) {
    SigningKeys keys;
    const auto before = keys.get("AK", secret, "20130524", "us-east-1");

    const auto after = keys.get("AK", Secret("other"), "20130524", "us-east-1");

    EXPECT_NE(before, after);
    EXPECT_EQ(before, keys.get("AK", secret, "20130524", "us-east-1"));
}

}  // namespace
}  // namespace tarn::signature
