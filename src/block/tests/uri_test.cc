#include "block/uri.h"

#include <gtest/gtest.h>

#include "base/error.h"

namespace tarn::block {
namespace {

TEST(ParseUri, TakesSchemeHostAndKeyApart) {
    const Uri uri = parse_uri("s3://bucket/some/key");

    EXPECT_EQ(uri.scheme, "s3");
    EXPECT_EQ(uri.host, "bucket");
    EXPECT_EQ(uri.key, "some/key");
    EXPECT_EQ(parse_uri("local:///srv/lake").host, "");
    EXPECT_EQ(parse_uri("local:///srv/lake").key, "srv/lake");
    EXPECT_EQ(parse_uri("s3://bucket").key, "");
}

TEST(ParseUri, DecodesOnlyWhatIsEscapedCanonically) {
    EXPECT_EQ(parse_uri("s3://b/a%20b").key, "a b");
    EXPECT_EQ(parse_uri("s3://b/a%2Fb").key, "a%2Fb");
    EXPECT_EQ(parse_uri("s3://b/%41").key, "%41");
    EXPECT_EQ(parse_uri("s3://b/a%2fb c").key, "a%2fb c");
    EXPECT_EQ(parse_uri("s3://b/a+b&c=d").key, "a+b&c=d");
}

TEST(ParseUri, DropsTheQueryAndKeepsTheFragment) {
    EXPECT_EQ(parse_uri("s3://b/q?x").key, "q");
    EXPECT_EQ(parse_uri("s3://b/q#x").key, "q#x");
    EXPECT_EQ(parse_uri("s3://b?x/y").host, "b");
}

TEST(ParseUri, RefusesWhatGoRefuses) {
    EXPECT_THROW(parse_uri("no-scheme/x"), Error);
    EXPECT_THROW(parse_uri("s3://b/a%2"), Error);
    EXPECT_THROW(parse_uri("s3://b/a%zz"), Error);
    EXPECT_THROW(parse_uri("s3://b/a\nb"), Error);
}

}  // namespace
}  // namespace tarn::block
