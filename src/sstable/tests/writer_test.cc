#include "sstable/writer.h"

#include <gtest/gtest.h>

#include <cstdio>
#include <string>

#include "base/bytes.h"
#include "base/digest.h"
#include "base/error.h"
#include "sstable/envelope.h"
#include "sstable/testing/memory_table.h"

namespace tarn::sstable {
namespace {

const UserProperties ranges = {{"type", "ranges"}};
const UserProperties metaranges = {{"type", "metaranges"}};

std::string sha(std::string_view bytes) {
    return to_hex(as_view(sha256(bytes)));
}

std::string hex(std::string_view text) {
    return from_hex(text).value();
}

std::string enveloped(std::string_view identity, std::string_view data) {
    std::string value;
    append_envelope(value, identity, data);
    return value;
}

std::string numbered_key(int number) {
    char text[16];
    std::snprintf(text, sizeof text, "key-%06d", number);
    return text;
}

void add_numbered(Writer& writer, int number) {
    const std::string key = numbered_key(number);
    writer.add(key, enveloped(as_view(sha256(key)), "data-" + std::to_string(number)));
}

Written numbered(int from, int to) {
    Writer writer(ranges);
    for (int i = from; i < to; ++i) add_numbered(writer, i);
    return writer.finish();
}

TEST(Writer, NamesARangeByItsRecords) {
    Writer writer({});

    writer.add("key", "value");

    EXPECT_EQ(writer.finish().id,
              "1f60902cb44890618d61597673a62e44cf526f5991d9db687141218985fe60b8");
}

TEST(Writer, WritesTheRangeOfOneEntryAsLakeFsDoes) {
    const std::string identity =
        hex("660f7e197cfa65cf4032447eacc270f8d4659b16bbd93304ab8350ce827b1b89");
    Writer writer(ranges);

    writer.add(
        "a/b.txt",
        enveloped(identity, hex("0a2e646174612f676b336c3470376e6c35333271696273676b76302f636c33726a"
                                "31666e6c35333271696273676c7230120b0880e2cfaa0610959aef3a180b222035"
                                "656236336262626530316565656430393363623232626238663561636463333001"
                                "3a186170706c69636174696f6e2f6f637465742d73747265616d")));
    const Written written = writer.finish();

    EXPECT_EQ(written.estimated_size, 191U);
    EXPECT_EQ(written.bytes.size(), 1083U);
    EXPECT_EQ(written.id, "86f657a94d5b904168d52795183a168cec3a3fe476e72cca05b985309a669719");
    EXPECT_EQ(sha(written.bytes),
              "3cc5c322bf1b0167eae8958a3674829242080807ad8d0abe664345cebec4b462");
}

TEST(Writer, WritesTheMetarangeOfOneRangeAsLakeFsDoes) {
    Writer writer(metaranges);

    writer.add("a/b.txt",
               enveloped("86f657a94d5b904168d52795183a168cec3a3fe476e72cca05b985309a669719",
                         hex("0a07612f622e7478741207612f622e74787418bf012001")));
    const Written written = writer.finish();

    EXPECT_EQ(written.estimated_size, 120U);
    EXPECT_EQ(written.bytes.size(), 1013U);
    EXPECT_EQ(written.id, "4e076c96634e22b7545871cd9a03b1e7a6111229d20211cf947efcdd91ec9472");
    EXPECT_EQ(sha(written.bytes),
              "93790b8fe546b229f9cbd44629c475a5bd7b0dbcd5b1f9672d6e6ad4542941f2");
}

TEST(Writer, WritesSeveralBlocksAsLakeFsDoes) {
    const Written written = numbered(0, 1'000);

    EXPECT_EQ(written.estimated_size, 41'604U);
    EXPECT_EQ(written.bytes.size(), 41'854U);
    EXPECT_EQ(written.id, "f107b7915675d46d0ddac7341235e1ba9e42461bdd4a9aceccbff1bebf28c47e");
    EXPECT_EQ(sha(written.bytes),
              "4c3de8827fefef1400a33af8e0c9d7b082bda530eb5ea64e073776039c83c77f");
    EXPECT_EQ(testing::MemoryTable(written.bytes).data_blocks(), 14);
}

TEST(Writer, WritesATwoLevelIndexAsLakeFsDoes) {
    const Written written = numbered(0, 40'000);

    EXPECT_EQ(written.estimated_size, 1'623'582U);
    EXPECT_EQ(written.bytes.size(), 1'633'324U);
    EXPECT_EQ(written.id, "0352ba3bfcbeb52a18183b94896e05908ab70d67addb620dcd8974edf8d15dcb");
    EXPECT_TRUE(testing::MemoryTable(written.bytes).table().two_level_index);
}

TEST(Writer, SplitsWhereLakeFsDoes) {
    const Splitter splitter;
    std::vector<Written> written;
    auto writer = std::make_unique<Writer>(ranges);
    for (int i = 0; i < 40'000; ++i) {
        add_numbered(*writer, i);
        if (!splitter.closes_after(numbered_key(i), writer->estimated_size())) continue;
        written.push_back(writer->finish());
        writer = std::make_unique<Writer>(ranges);
    }
    written.push_back(writer->finish());

    ASSERT_EQ(written.size(), 2U);
    EXPECT_EQ(written[0].max_key, "key-027381");
    EXPECT_EQ(written[0].estimated_size, 1'114'550U);
    EXPECT_EQ(written[0].id, "f37d788270fba848fb762d1852709331dab7de7b7f760d149135da4229ea9fa5");
    EXPECT_EQ(written[1].estimated_size, 514'163U);
    EXPECT_EQ(written[1].id, "f9634d5d437275e8eacf81133677030905e3c41ec5db7d412bf3d6a38e1b1ac6");
}

TEST(Writer, WritesAnEmptyMetarangeAsLakeFsDoes) {
    const Written written = Writer(metaranges).finish();

    EXPECT_EQ(written.id, "00fb7eff1a97c500eb3ca8d2ef5464131d6b6a5f9512e41eba97843522213b66");
    EXPECT_EQ(written.estimated_size, 8U);
    EXPECT_EQ(written.bytes.size(), 887U);
    EXPECT_EQ(sha(written.bytes),
              "83bf413bf2d8acee9b529d255c0b943d91e65a12ddff2e453726a418922ae61c");
    EXPECT_EQ(Writer(ranges).finish().id,
              "5105eaf20d56aa444d5402b4eab9d952aecff97791980db9141ca8e2590ce149");
}

TEST(Writer, RefusesKeysOutOfOrder) {
    Writer writer(ranges);
    writer.add("b", "1");

    EXPECT_THROW(writer.add("a", "1"), Error);
    EXPECT_THROW(writer.add("b", "1"), Error);
}

}  // namespace
}  // namespace tarn::sstable
