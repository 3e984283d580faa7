#include "s3/list_request.h"

#include <gtest/gtest.h>

namespace tarn::s3 {
namespace {

std::expected<ListRequest, Failure> parse(std::string_view query) {
    return parse_list_request(Params(query), ListKind::version_2);
}

TEST(ParseListRequest, BoundsMaxKeys) {
    EXPECT_EQ(parse("")->query.limit, 1'000);
    EXPECT_EQ(parse("max-keys=20000")->query.limit, 1'000);
    EXPECT_EQ(parse("max-keys=0")->query.limit, 0);
    EXPECT_FALSE(parse("max-keys=-1"));
    EXPECT_FALSE(parse("max-keys=abc"));
}

TEST(ParseListRequest, RefusesTokensOfAnotherListing) {
    EXPECT_FALSE(parse("prefix=main/&continuation-token="));
    EXPECT_FALSE(parse("prefix=main/&continuation-token=garbage"));
    EXPECT_EQ(parse("prefix=main/&continuation-token=main/a&start-after=main/z")->query.after,
              "main/a");
    EXPECT_EQ(parse("continuation-token=bbb")->query.after, "bbb/");
}

TEST(ParseListRequest, KnowsOneEncoding) {
    EXPECT_TRUE(parse("encoding-type=url")->url_encoding);
    EXPECT_FALSE(parse("encoding-type=bogus"));
}

}  // namespace
}  // namespace tarn::s3
