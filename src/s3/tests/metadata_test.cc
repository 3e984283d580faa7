#include "s3/metadata.h"

#include <gtest/gtest.h>

namespace tarn::s3 {
namespace {

class FieldsOnly final : public http::Request {
public:
    explicit FieldsOnly(std::vector<http::FieldView> fields) : fields_(std::move(fields)) {}
    std::string_view method() const override { return "PUT"; }
    std::string_view target() const override { return "/r/main/k"; }
    std::span<const http::FieldView> fields() const override { return fields_; }
    std::string_view peer_address() const override { return "127.0.0.1"; }
    bool is_tls() const override { return false; }
    std::string_view id() const override { return "0"; }
    ByteSource& body() override { return *body_; }

private:
    std::vector<http::FieldView> fields_;
    std::unique_ptr<ByteSource> body_ = source_of("");
};

TEST(ReadMetadata, KeepsUserAndSystemFields) {
    const FieldsOnly request({{"X-Amz-Meta-CamelCase", "Value One"},
                              {"x-amz-meta-two", "a"},
                              {"x-amz-meta-two", "b"},
                              {"content-encoding", "aws-chunked, gzip"},
                              {"cache-control", "no-cache"},
                              {"x-amz-storage-class", "REDUCED_REDUNDANCY"}});

    const auto metadata = read_metadata(request);

    ASSERT_TRUE(metadata.has_value());
    EXPECT_EQ(*metadata, (catalog::Metadata{{"X-Amz-Meta-camelcase", "Value One"},
                                            {"X-Amz-Meta-two", "a,b"},
                                            {"Content-Encoding", "gzip"},
                                            {"Cache-Control", "no-cache"},
                                            {"X-Amz-Storage-Class", "REDUCED_REDUNDANCY"}}));
}

TEST(ReadMetadata, ForgetsAwsChunked) {
    const FieldsOnly request({{"Content-Encoding", "aws-chunked"}});

    EXPECT_TRUE(read_metadata(request)->empty());
}

TEST(ReadMetadata, RefusesTooMuchAndWhatItCannotRead) {
    const std::string large(2'048, 'v');
    const FieldsOnly too_large({{"x-amz-meta-a", large}});
    const FieldsOnly bad_words({{"x-amz-meta-a", "=?KOI8-X?B?w6k=?="}});
    const FieldsOnly bad_class({{"x-amz-storage-class", "BOGUS"}});

    EXPECT_EQ(read_metadata(too_large).error().fault, Fault::metadata_too_large);
    EXPECT_EQ(read_metadata(bad_words).error().fault, Fault::invalid_argument);
    EXPECT_EQ(read_metadata(bad_class).error().fault, Fault::invalid_storage_class);
}

TEST(WriteMetadata, NeverBreaksTheHeader) {
    http::Fields fields;

    write_metadata(fields, {{"X-Amz-Meta-a", "x\r\nSet-Cookie: y"},
                            {"X-Amz-Meta-b c", "no token"},
                            {"other", "not for S3"}});

    EXPECT_EQ(fields.find("x-amz-meta-a"), "=?utf-8?q?x=0D=0ASet-Cookie:_y?=");
    EXPECT_EQ(fields.find("x-amz-missing-meta"), "1");
    EXPECT_EQ(fields.all().size(), 2u);
}

TEST(EncodedWords, AreReadAndWritten) {
    EXPECT_EQ(decode_words("=?UTF-8?B?w6k=?="), "\xC3\xA9");
    EXPECT_EQ(decode_words("a =?utf-8?q?=C3=A9_x?= =?utf-8?q?y?= b"), "a \xC3\xA9 xy b");
    EXPECT_EQ(decode_words("=?iso-8859-1?q?=E9?="), "\xC3\xA9");
    EXPECT_EQ(decode_words("=?utf-8?x?y?= =?"), "=?utf-8?x?y?= =?");
    EXPECT_EQ(encode_words("plain ~"), "plain ~");
    EXPECT_EQ(encode_words("\xC3\xA9"), "=?utf-8?q?=C3=A9?=");
    const std::string text =
        "ein l\xC3\xA4ngerer Text, der sich \xC3\xBC"
        "ber mehrere W\xC3\xB6rter zieht";
    EXPECT_EQ(decode_words(encode_words(text)), text);
}

TEST(RefusePromises, RefusesWhatIsNotDone) {
    EXPECT_TRUE(refuse_promises(FieldsOnly({{"x-amz-server-side-encryption", "aws:kms"}})));
    EXPECT_TRUE(refuse_promises(
        FieldsOnly({{"x-amz-server-side-encryption-customer-algorithm", "AES256"}})));
    EXPECT_TRUE(refuse_promises(FieldsOnly({{"x-amz-acl", "public-read"}})));
    EXPECT_TRUE(refuse_promises(FieldsOnly({{"X-Amz-Object-Lock-Mode", "GOVERNANCE"}})));
    EXPECT_FALSE(refuse_promises(FieldsOnly({{"x-amz-acl", "private"}, {"x-amz-date", "x"}})));
}

}  // namespace
}  // namespace tarn::s3
