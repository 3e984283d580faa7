#include "signature/body.h"

#include <gtest/gtest.h>

#include <fmt/format.h>

#include <random>

#include "base/bytes.h"
#include "base/error.h"
#include "base/testing/await.h"

namespace tarn::signature {
namespace {

// A body that comes in pieces of given sizes, in turn.
class PiecewiseSource final : public ByteSource {
public:
    PiecewiseSource(std::string bytes, std::vector<std::size_t> sizes)
        : bytes_(std::make_shared<std::string>(std::move(bytes))), sizes_(std::move(sizes)) {}
    Task<Slice> next() override {
        const auto size = std::min(sizes_[turn_++ % sizes_.size()], bytes_->size() - at_);
        const auto piece = std::string_view(*bytes_).substr(at_, size);
        at_ += size;
        co_return Slice{bytes_, piece};
    }
    std::optional<std::uint64_t> size() const override { return std::nullopt; }

private:
    std::shared_ptr<std::string> bytes_;
    std::vector<std::size_t> sizes_;
    std::size_t turn_ = 0;
    std::size_t at_ = 0;
};

struct Outcome {
    std::string data;
    std::string detail;  // of the error, or empty
    std::string md5;
    std::optional<std::string> checksum;
};

Task<Outcome> read(ByteSource& raw, BodyRules rules, Workers& workers) {
    Outcome outcome;
    VerifiedBody body(raw, std::move(rules), workers);
    try {
        for (;;) {
            const Slice slice = co_await body.next();
            if (slice.empty()) break;
            outcome.data.append(slice.bytes);
        }
        outcome.md5 = body.md5_hex();
        outcome.checksum = body.checksum();
    } catch (const Error& error) {
        outcome.detail = error.detail();
    }
    co_return outcome;
}

Outcome read_all_of(const std::string& wire, BodyRules rules,
                    std::vector<std::size_t> sizes = {70'000}) {
    Workers workers(2);
    PiecewiseSource source(wire, std::move(sizes));
    return await(read(source, std::move(rules), workers));
}

const Secret secret{"wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"};

Seed example_seed(std::string signature) {
    return {signing_key(secret, "20130524", "us-east-1"), "20130524T000000Z",
            "20130524/us-east-1/s3/aws4_request", std::move(signature)};
}

std::string chunk(std::string_view data, std::string_view signature) {
    return fmt::format("{:x};chunk-signature={}\r\n", data.size(), signature) + std::string(data) +
           (data.empty() ? "" : "\r\n");
}

// The example of chunked uploads in Amazon's documentation.
std::string documented_chunks() {
    return chunk(std::string(65'536, 'a'),
                 "ad80c730a21e5b8d04586a2213dd63b9a0e99e0e2307b0ade35a65485a288648") +
           chunk(std::string(1'024, 'a'),
                 "0055627c9e194cb4542bae2aa5492e3c1575bbb81b612b7d234b86a503ef5497") +
           chunk("", "b6c6ea8a5354eaf15b3cb7646744f4275b71ea724fed81ceb9323e279d449df9") + "\r\n";
}

BodyRules documented_rules() {
    BodyRules rules;
    rules.payload = Payload::signed_chunks;
    rules.seed = example_seed("4f232c4386841ef735655705268965c44a0e4690baa4adea153f7db9fa80a0a9");
    rules.decoded_length = 66'560;
    return rules;
}

TEST(VerifiedBody, AcceptsTheDocumentedChunks) {
    for (const std::size_t size : {100u, 4'096u, 70'000u}) {
        const auto outcome = read_all_of(documented_chunks(), documented_rules(), {size});

        EXPECT_EQ(outcome.detail, "");
        EXPECT_EQ(outcome.data, std::string(66'560, 'a'));
    }
}

TEST(VerifiedBody, AcceptsTheDocumentedTrailer) {
    const std::string wire =
        chunk(std::string(65'536, 'a'),
              "b474d8862b1487a5145d686f57f013e54db672cee1c953b3010fb58501ef5aa2") +
        chunk(std::string(1'024, 'a'),
              "1c1344b170168f8e65b41376b44b20fe354e373826ccbbe2c1d40a8cae51e5c7") +
        chunk("", "2ca2aba2005185cf7159c6277faf83795951dd77a3a99e6e65d5c9f85863f992") +
        "x-amz-checksum-crc32c:sOO8/Q==\r\nx-amz-trailer-signature:"
        "d81f82fc3505edab99d459891051a732e8730629a2e4a59689829ca17fe2e435\r\n\r\n";
    BodyRules rules = documented_rules();
    rules.payload = Payload::signed_chunks_trailer;
    rules.seed = example_seed("106e2a8a18243abcf37539882f36619c00e2dfc72633413f02d3b74544bfeb8e");
    rules.checksum = ChecksumKind::crc32c;

    const auto outcome = read_all_of(wire, rules);

    EXPECT_EQ(outcome.detail, "");
    EXPECT_EQ(outcome.checksum, "sOO8/Q==");
}

TEST(VerifiedBody, RefusesAChunkWithOneByteChanged) {
    auto wire = documented_chunks();
    wire[65'536 + 300] ^= 1;

    EXPECT_EQ(read_all_of(wire, documented_rules()).detail, "chunk_signature");
    EXPECT_EQ(read_all_of(wire, documented_rules(), {1'000}).detail, "chunk_signature");
}

TEST(VerifiedBody, RefusesChunksInAnotherOrder) {
    const auto first = chunk("one", std::string(64, '0'));
    BodyRules rules = documented_rules();
    rules.decoded_length = 3;

    EXPECT_EQ(read_all_of(first + chunk("", std::string(64, '0')) + "\r\n", rules).detail,
              "chunk_signature");
}

TEST(VerifiedBody, RefusesABodyWithoutItsLastChunk) {
    const auto wire = documented_chunks().substr(0, 66'700);

    EXPECT_EQ(read_all_of(wire, documented_rules()).detail, "incomplete_body");
}

TEST(VerifiedBody, ChecksEveryDigest) {
    const std::string body(200'000, 'q');
    const auto other = body + "x";
    BodyRules rules;
    rules.payload = Payload::signed_whole;
    rules.sha256 = std::string(as_view(sha256(body)));
    rules.md5 = std::string(as_view(md5(body)));
    rules.checksum = ChecksumKind::crc64nvme;
    Checksum checksum(ChecksumKind::crc64nvme);
    checksum.update(body);
    rules.checksum_value = checksum.finish();

    const auto outcome = read_all_of(body, rules, {10'000, 1, 60'000});
    EXPECT_EQ(outcome.detail, "");
    EXPECT_EQ(outcome.md5, to_hex(as_view(md5(body))));
    EXPECT_EQ(read_all_of(other, rules).detail, "sha256_mismatch");
    rules.payload = Payload::not_signed;
    EXPECT_EQ(read_all_of(other, rules).detail, "bad_digest");
    rules.md5.reset();
    EXPECT_EQ(read_all_of(other, rules).detail, "bad_digest");
}

TEST(VerifiedBody, ReadsAnyCutOfPlainChunksAlike) {
    std::mt19937 random(7);
    std::string body(300'000, '\0');
    for (auto& byte : body) byte = static_cast<char>(random());
    Checksum checksum(ChecksumKind::crc32);
    checksum.update(body);
    std::string wire;
    for (std::size_t at = 0; at < body.size();) {
        const auto size = std::min<std::size_t>(1 + random() % 9'000, body.size() - at);
        wire += fmt::format("{:x}\r\n", size) + body.substr(at, size) + "\r\n";
        at += size;
    }
    wire += "0\r\nx-amz-checksum-crc32:" + to_base64(checksum.finish()) + "\r\n\r\n";
    BodyRules rules;
    rules.payload = Payload::plain_chunks_trailer;
    rules.decoded_length = body.size();
    rules.checksum = ChecksumKind::crc32;

    for (const std::size_t size : {97u, 777u, 65'536u, 1'048'576u}) {
        const auto outcome = read_all_of(wire, rules, {size});

        EXPECT_EQ(outcome.detail, "");
        EXPECT_EQ(outcome.data, body);
        EXPECT_EQ(outcome.md5, to_hex(as_view(md5(body))));
    }
}

std::string rules_detail(std::vector<FieldView> fields, Payload payload) {
    Claim claim;
    claim.payload = payload;
    try {
        body_rules({"PUT", "/b/k", "", fields, ""}, claim, std::nullopt);
    } catch (const Error& error) {
        return error.detail();
    }
    return "";
}

TEST(BodyRules, RefuseMalformedDigests) {
    constexpr auto none = Payload::not_signed;
    EXPECT_EQ(rules_detail({{"Content-MD5", "xx"}}, none), "invalid_digest");
    EXPECT_EQ(rules_detail({{"x-amz-checksum-crc32", "not base64"}}, none), "invalid_checksum");
    EXPECT_EQ(
        rules_detail({{"x-amz-checksum-crc32", "AAAAAA=="}, {"x-amz-checksum-crc32c", "AAAAAA=="}},
                     none),
        "invalid_checksum");
    EXPECT_EQ(rules_detail({{"x-amz-sdk-checksum-algorithm", "CRC32"}}, none), "invalid_checksum");
    EXPECT_EQ(rules_detail({}, Payload::plain_chunks_trailer), "missing_length");
    EXPECT_EQ(rules_detail({{"x-amz-decoded-content-length", "1"}}, Payload::plain_chunks_trailer),
              "invalid_checksum");
    EXPECT_EQ(rules_detail({{"x-amz-decoded-content-length", "1"}}, Payload::signed_chunks), "");
}

}  // namespace
}  // namespace tarn::signature
