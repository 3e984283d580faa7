#include "s3/target.h"

#include <gtest/gtest.h>

namespace tarn::s3 {
namespace {

const std::vector<std::string> domains{"s3.example.com", "s3.local"};

TEST(MatchHost, TakesExactlyOneLabelInFrontOfADomain) {
    EXPECT_TRUE(match_host("S3.example.com", domains).is_base);
    EXPECT_EQ(match_host("repo.s3.example.com", domains).bucket, "repo");
    EXPECT_EQ(match_host("repo.S3.LOCAL", domains).bucket, "repo");
    EXPECT_EQ(match_host("a.repo.s3.example.com", domains).bucket, "");
    EXPECT_EQ(match_host("evils3.example.com", domains).bucket, "");
    EXPECT_FALSE(match_host("evils3.example.com", domains).is_base);
    EXPECT_EQ(match_host(".s3.local", domains).bucket, "");
    EXPECT_EQ(match_host("", domains).bucket, "");
}

TEST(ParseTarget, SplitsPathStyle) {
    const auto target = parse_target("/repo/main/a//b/../c%2Fd+e", "localhost", domains);

    ASSERT_TRUE(target && target->key);
    EXPECT_EQ(target->bucket, "repo");
    EXPECT_EQ(target->key->ref, "main");
    EXPECT_EQ(target->key->path, "a//b/../c/d+e");
}

TEST(ParseTarget, SplitsVirtualHostStyle) {
    const auto target = parse_target("/main/k", "repo.s3.local", domains);

    ASSERT_TRUE(target && target->key);
    EXPECT_EQ(target->bucket, "repo");
    EXPECT_EQ(target->virtual_bucket, "repo");
    EXPECT_EQ(target->key->whole(), "main/k");
}

TEST(ParseTarget, TellsServiceBucketBranchAndItsRootApart) {
    EXPECT_EQ(parse_target("/", "h", domains)->bucket, "");
    EXPECT_FALSE(parse_target("/repo", "h", domains)->key);
    EXPECT_FALSE(parse_target("/repo/", "h", domains)->key);
    EXPECT_FALSE(parse_target("/repo/main", "h", domains)->key->has_slash);
    EXPECT_TRUE(parse_target("/repo/main/", "h", domains)->key->has_slash);
    EXPECT_EQ(parse_target("/repo//key", "h", domains)->key->ref, "");
    EXPECT_EQ(parse_target("/repo//key", "h", domains)->key->path, "key");
}

TEST(ParseTarget, RefusesBrokenEscapesAndKeysThatAreNoUtf8) {
    EXPECT_FALSE(parse_target("/repo/main/%zz", "h", domains));
    EXPECT_FALSE(parse_target("/repo/main/%FF", "h", domains));
}

TEST(ParseCopySource, IsDecodedOnceAndKeepsPlusSigns) {
    const auto source = parse_copy_source("%2Frepo%2Fmain%2Fa+b%20c?versionId=null");

    ASSERT_TRUE(source);
    EXPECT_EQ(source->bucket, "repo");
    EXPECT_EQ(source->key.path, "a+b c");
    EXPECT_EQ(source->version, "null");
}

TEST(ParseCopySource, NeedsBucketRefAndPath) {
    for (const auto* field : {"", "/", "/repo", "/repo/main", "/repo/main/", "//main/k", "%2"}) {
        EXPECT_FALSE(parse_copy_source(field)) << field;
    }
    EXPECT_TRUE(parse_copy_source("repo/main/k"));
}

}  // namespace
}  // namespace tarn::s3
