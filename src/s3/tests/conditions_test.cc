#include "s3/conditions.h"

#include <gtest/gtest.h>

namespace tarn::s3 {
namespace {

const Time modified = from_unix_seconds(1'000) + std::chrono::milliseconds(700);

ReadVerdict verdict(Conditions conditions) {
    return judge_read(conditions, "abc", modified).verdict;
}

TEST(NamesEtag, ReadsListsStarsWeakAndBareTags) {
    EXPECT_TRUE(names_etag("*", "abc"));
    EXPECT_TRUE(names_etag("\"x\", \"abc\"", "abc"));
    EXPECT_TRUE(names_etag("W/\"abc\"", "abc"));
    EXPECT_TRUE(names_etag("abc", "abc"));
    EXPECT_FALSE(names_etag("\"abcd\"", "abc"));
    EXPECT_FALSE(names_etag("", "abc"));
}

TEST(JudgeRead, FollowsTheMatrix) {
    const auto earlier = from_unix_seconds(999);
    const auto equal = from_unix_seconds(1'000);
    EXPECT_EQ(verdict({}), ReadVerdict::proceed);
    EXPECT_EQ(verdict({.if_match = "\"no\""}), ReadVerdict::failed);
    EXPECT_EQ(verdict({.if_match = "\"abc\"", .if_unmodified_since = earlier}),
              ReadVerdict::proceed);
    EXPECT_EQ(verdict({.if_match = "\"abc\"", .if_none_match = "\"abc\""}),
              ReadVerdict::not_modified);
    EXPECT_EQ(verdict({.if_none_match = "\"abc\"", .if_unmodified_since = earlier}),
              ReadVerdict::failed);
    EXPECT_EQ(verdict({.if_none_match = "\"no\"", .if_modified_since = equal}),
              ReadVerdict::proceed);
    EXPECT_EQ(verdict({.if_modified_since = equal}), ReadVerdict::not_modified);
    EXPECT_EQ(verdict({.if_modified_since = earlier}), ReadVerdict::proceed);
    EXPECT_EQ(verdict({.if_unmodified_since = equal}), ReadVerdict::proceed);
    EXPECT_EQ(verdict({.if_unmodified_since = earlier}), ReadVerdict::failed);
}

TEST(JudgeWrite, ProtectsWhatIsThere) {
    const std::optional<std::string_view> current = "abc";
    EXPECT_EQ(judge_write({.if_none_match = "*"}, current), WriteVerdict::failed);
    EXPECT_EQ(judge_write({.if_none_match = "*"}, std::nullopt), WriteVerdict::proceed);
    EXPECT_EQ(judge_write({.if_none_match = "\"abc\""}, current), WriteVerdict::failed);
    EXPECT_EQ(judge_write({.if_none_match = "\"no\""}, current), WriteVerdict::proceed);
    EXPECT_EQ(judge_write({.if_match = "\"abc\""}, current), WriteVerdict::proceed);
    EXPECT_EQ(judge_write({.if_match = "\"no\""}, current), WriteVerdict::failed);
    EXPECT_EQ(judge_write({.if_match = "\"abc\""}, std::nullopt), WriteVerdict::absent);
}

}  // namespace
}  // namespace tarn::s3
