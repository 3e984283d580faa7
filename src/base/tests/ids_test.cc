#include "base/ids.h"

#include <gtest/gtest.h>

#include <set>

namespace tarn {
namespace {

constexpr std::int64_t year_4000_seconds = 3931046656;

TEST(Xid, TellsItsTime) {
    EXPECT_EQ(unix_seconds(*xid_time("cl3rj1fnl532qibsglr0")), 1699199365);
    EXPECT_EQ(year_4000_seconds - unix_seconds(*xid_time("gk3l4p7nl532qibsgkv0")), 1699197084);
    EXPECT_EQ(format_rfc3339(from_unix_seconds(year_4000_seconds -
                                               unix_seconds(*xid_time("gmc6523jatlleurvdm30")))),
              "2023-07-18T14:23:52Z");
}

TEST(Xid, CarriesTheTimeItWasMadeAt) {
    const Time now = from_unix_seconds(1699199365);

    EXPECT_EQ(xid_time(new_xid(now)), now);
    EXPECT_EQ(new_xid(now).substr(0, 6), "cl3rj1");
    EXPECT_EQ(
        new_descending_xid(from_unix_seconds(1699197084), Descending::from_year_4000).substr(0, 6),
        "gk3l4p");
}

TEST(Xid, IsNeverTheSameTwice) {
    const Time now = from_unix_seconds(1699199365);
    std::set<std::string> seen;
    for (int i = 0; i < 1000; ++i) seen.insert(new_xid(now));

    EXPECT_EQ(seen.size(), 1000u);
}

TEST(Xid, SortsTheNewestFirstWhenDescending) {
    const std::string older =
        new_descending_xid(from_unix_seconds(1700000000), Descending::from_year_3000);
    const std::string newer =
        new_descending_xid(from_unix_seconds(1700000001), Descending::from_year_3000);

    EXPECT_LT(newer, older);
}

TEST(Xid, IsRefusedWhenMalformed) {
    for (const char* text :
         {"", "cl3rj1fnl532qibsglr", "cl3rj1fnl532qibsglr00", "cl3rj1fnl532qibsglrw",
          "cl3rj1fnl532qibsglr1", "CL3RJ1FNL532QIBSGLR0"}) {
        EXPECT_EQ(xid_time(text), std::nullopt) << text;
    }
}

TEST(Uuid, IsOfVersionFour) {
    const std::string uuid = new_uuid();

    ASSERT_EQ(uuid.size(), 36u);
    EXPECT_EQ(uuid[14], '4');
    EXPECT_NE(std::string("89ab").find(uuid[19]), std::string::npos);
    EXPECT_EQ(uuid.find_first_not_of("0123456789abcdef-"), std::string::npos);
    EXPECT_NE(uuid, new_uuid());
}

TEST(Nanoid, HasTheLengthAskedFor) {
    EXPECT_EQ(new_nanoid(21).size(), 21u);
    EXPECT_NE(new_nanoid(21), new_nanoid(21));
}

}  // namespace
}  // namespace tarn
