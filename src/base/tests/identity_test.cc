#include "base/identity.h"

#include <gtest/gtest.h>

#include "base/bytes.h"

namespace tarn {
namespace {

std::string entry(std::string_view content_type) {
    Identity identity;
    identity.add_int64(99).add_string("123456789");
    identity.add_map({{"key1", "value1"}, {"key9", "value9"}});
    if (!content_type.empty()) identity.add_string(content_type);
    return to_hex(identity.digest());
}

TEST(Identity, OfAnEntryIsThatOfTheFormat) {
    EXPECT_EQ(entry(""), "e9368697d6739677658170032a5ef84ddc0d7c15bbe0189a40a4f15a297490b6");
    EXPECT_EQ(entry("text/plain"),
              "0ceaaa05d67ce9fd4e6ac0cc5248e7a72e99dfbea7fad11b93f97cc62b2ffaa4");
}

TEST(Identity, EncodesEachTypeWithItsTagAndLength) {
    Identity inner;
    inner.add_bytes("x");
    const std::vector<std::string> two = {"a", "b"};

    EXPECT_EQ(to_hex(Identity().add_int64(-2).encoded()), "0208fffffffffffffffe");
    EXPECT_EQ(to_hex(Identity().add_string("a").encoded()), "010208000000000000000161");
    EXPECT_EQ(to_hex(inner.encoded()), "000208000000000000000178");
    EXPECT_EQ(to_hex(Identity().add_strings(two).encoded()),
              "0302080000000000000002010208000000000000000161010208000000000000000162");
    EXPECT_EQ(to_hex(Identity().add_embedded(inner).encoded()),
              "050002080000000000000020" + to_hex(inner.digest()));
}

}  // namespace
}  // namespace tarn
