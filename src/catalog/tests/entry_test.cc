#include "catalog/entry.h"

#include <gtest/gtest.h>

#include "base/bytes.h"
#include "base/error.h"
#include "base/testing/golden_vectors.h"

namespace tarn::catalog {
namespace {

Entry hello_world() {
    Entry entry;
    entry.address = "data/gk3l4p7nl532qibsgkv0/cl3rj1fnl532qibsglr0";
    entry.modified = from_unix_seconds(1'700'000'000) + std::chrono::nanoseconds(123'456'789);
    entry.size_bytes = 11;
    entry.etag = "5eb63bbbe01eeed093cb22bb8f5acdc3";
    entry.content_type = "application/octet-stream";
    return entry;
}

Entry entry_of(const boost::json::object& from) {
    const auto text = [&](const char* key) {
        const auto* value = from.if_contains(key);
        return value ? std::string(value->as_string()) : std::string();
    };
    const auto number = [&](const char* key) {
        const auto* value = from.if_contains(key);
        return value ? value->to_number<std::int64_t>() : 0;
    };
    Entry entry;
    entry.address = text("address");
    entry.address_type = static_cast<AddressType>(number("address_type"));
    entry.modified = from_unix_seconds(number("last_modified_seconds")) +
                     std::chrono::nanoseconds(number("last_modified_nanos"));
    entry.size_bytes = number("size");
    entry.etag = text("e_tag");
    entry.content_type = text("content_type");
    if (const auto* metadata = from.if_contains("metadata")) {
        for (const auto& [key, value] : metadata->as_object()) {
            entry.metadata[std::string(key)] = std::string(value.as_string());
        }
    }
    return entry;
}

TEST(Entry, IsEncodedAsSpecified) {
    const committed::Value value = encode(hello_world());

    EXPECT_EQ(to_hex(value.identity),
              "660f7e197cfa65cf4032447eacc270f8d4659b16bbd93304ab8350ce827b1b89");
    EXPECT_EQ(
        to_hex(value.data),
        "0a2e646174612f676b336c3470376e6c35333271696273676b76302f636c33726a31666e6c3533327169"
        "6273676c7230120b0880e2cfaa0610959aef3a180b2220356562363362626265303165656564303933636"
        "232326262386635616364633330013a186170706c69636174696f6e2f6f637465742d73747265616d");
    EXPECT_EQ(decode(value.data), hello_world());
}

TEST(Entry, IdentityCountsAContentTypeOnlyWhereThereIsOne) {
    Entry entry;
    entry.size_bytes = 99;
    entry.etag = "123456789";
    entry.metadata = {{"key1", "value1"}, {"key9", "value9"}};
    const std::string without = identity_of(entry);
    entry.content_type = "text/plain";
    const std::string with = identity_of(entry);

    EXPECT_EQ(to_hex(without), "e9368697d6739677658170032a5ef84ddc0d7c15bbe0189a40a4f15a297490b6");
    EXPECT_EQ(to_hex(with), "0ceaaa05d67ce9fd4e6ac0cc5248e7a72e99dfbea7fad11b93f97cc62b2ffaa4");
}

TEST(Entry, IdentityLeavesOutAddressAndTime) {
    Entry other = hello_world();
    other.address = "local:///elsewhere";
    other.address_type = AddressType::full;
    other.modified = Time();

    EXPECT_EQ(identity_of(other), identity_of(hello_world()));
}

TEST(Entry, AgreesWithTheRowsOfALakefs) {
    const auto vectors = find_vectors(TARN_SOURCE_DIR);
    if (!vectors) GTEST_SKIP() << "no golden data";
    int compared = 0;
    for (const auto& vector : vectors->at("identities").as_array()) {
        const auto& row = vector.as_object();
        if (!row.contains("entry")) continue;  // a tombstone
        const std::string bytes = *from_hex(row.at("entry_hex").as_string());

        const Entry entry = decode(bytes);

        EXPECT_EQ(entry, entry_of(row.at("entry").as_object()));
        EXPECT_EQ(to_hex(identity_of(entry)), std::string(row.at("identity_hex").as_string()));
        if (entry.metadata.size() < 2) EXPECT_EQ(to_hex(encode(entry).data), to_hex(bytes));
        ++compared;
    }
    EXPECT_GT(compared, 5);
}

TEST(Entry, RefusesTextsThatNoReaderWouldTakeBack) {
    Entry entry = hello_world();
    entry.metadata = {{"name", "\xff"}};
    EXPECT_THROW(encode(entry), Error);
    entry.metadata = {{"\xff", "value"}};
    EXPECT_THROW(encode(entry), Error);
    entry.metadata.clear();
    entry.content_type = "\xff";
    EXPECT_THROW(encode(entry), Error);
}

TEST(Entry, IsReadWithFieldsOfALaterVersionAndTimesInPieces) {
    Entry entry = hello_world();
    entry.metadata = {{"colour", "teal"}};
    const std::string data = encode(entry).data;
    const std::string unknown("\xa2\x06\x03new", 6);  // field 100
    const std::string later("\x12\x02\x08\x05", 4);   // last_modified, its seconds only
    const std::string value_first("\x2a\x06\x12\x01v\x0a\x01k", 8);  // a pair of metadata

    EXPECT_EQ(decode(data + unknown), entry);
    EXPECT_EQ(decode(unknown + data), entry);
    EXPECT_EQ(decode(data + later).modified,
              from_unix_seconds(5) + std::chrono::nanoseconds(123'456'789));
    EXPECT_EQ(decode(data + value_first).metadata, (Metadata{{"colour", "teal"}, {"k", "v"}}));
    EXPECT_EQ(decode("").address_type, AddressType::by_prefix);
}

TEST(Entry, RefusesBytesThatAreNone) {
    EXPECT_THROW(decode("\x0a\xff"), Error);
    EXPECT_THROW(decode(std::string_view("\x0a\x01\xff", 3)), Error);  // no UTF-8
    EXPECT_THROW(decode(std::string_view("\x12\x05\x08\x05", 4)), Error);
    EXPECT_THROW(decode("\x30\x07"), Error);  // an unknown address type
}

}  // namespace
}  // namespace tarn::catalog
