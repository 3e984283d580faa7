#include "s3/list_request.h"

#include <gtest/gtest.h>

#include "base/bytes.h"

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

TEST(TokenOf, SurvivesXmlWhateverTheKey) {
    for (const std::string cursor : {"main/a",
                                     "main/c\x01"
                                     "d",
                                     "main/n\nl", "bbb"}) {
        const auto token = token_of(cursor);
        const auto request = parse("continuation-token=" + percent_encode(token));

        ASSERT_TRUE(request);
        EXPECT_EQ(request->query.after, cursor == "bbb" ? "bbb/" : cursor);
        EXPECT_EQ(token.find('\x01'), token.npos);
    }
    EXPECT_FALSE(parse("continuation-token=:***"));
}

TEST(ParseListRequest, KnowsOneEncoding) {
    EXPECT_TRUE(parse("encoding-type=url")->url_encoding);
    EXPECT_FALSE(parse("encoding-type=bogus"));
}

}  // namespace
}  // namespace tarn::s3
