#include "refs/names.h"

#include <gtest/gtest.h>

#include "base/error.h"
#include "refs/internal/expression.h"
#include "refs/protection.h"

namespace tarn::refs {
namespace {

TEST(RepositoryName, HasThreeToSixtyThreeLowerCaseCharacters) {
    EXPECT_TRUE(is_repository_name("abc"));
    EXPECT_TRUE(is_repository_name("0-a-"));
    EXPECT_TRUE(is_repository_name(std::string(63, 'a')));
    EXPECT_FALSE(is_repository_name("ab"));
    EXPECT_FALSE(is_repository_name(std::string(64, 'a')));
    EXPECT_FALSE(is_repository_name("-abc"));
    EXPECT_FALSE(is_repository_name("Abc"));
    EXPECT_FALSE(is_repository_name("a_b"));
}

TEST(BranchName, HasWordCharactersAndInnerDashes) {
    EXPECT_TRUE(is_branch_name("main"));
    EXPECT_TRUE(is_branch_name("_A-9-"));
    EXPECT_FALSE(is_branch_name(""));
    EXPECT_FALSE(is_branch_name("-a"));
    EXPECT_FALSE(is_branch_name("a/b"));
    EXPECT_FALSE(is_branch_name("a.b"));
    EXPECT_FALSE(is_branch_name("\xc3\xa4"));
}

TEST(TagName, RefusesWhatNoExpressionCouldName) {
    EXPECT_TRUE(is_tag_name("v1.0"));
    EXPECT_TRUE(is_tag_name("\xc3\xa4"));
    for (const char* name : {"", "@", "a.", "a.lock", "a..b", "a/b", "a@{b", "a^", "a:", "a?", "a*",
                             "a[", "a\\", "a~1", "a b", "a\tb"}) {
        EXPECT_FALSE(is_tag_name(name)) << name;
    }
}

TEST(CommitIdText, IsSixtyFourLowerCaseDigits) {
    EXPECT_TRUE(is_commit_id(std::string(64, 'a')));
    EXPECT_FALSE(is_commit_id(std::string(63, 'a')));
    EXPECT_FALSE(is_commit_id(std::string(64, 'A')));
    EXPECT_FALSE(is_commit_id(std::string(64, 'g')));
}

TEST(Expression, TakesMovesFromLeftToRight) {
    const Expression expression = parse_expression("main~^2~3");

    EXPECT_EQ(expression.base, "main");
    ASSERT_EQ(expression.moves.size(), 3u);
    EXPECT_EQ(expression.moves[0].kind, Move::Kind::ancestor);
    EXPECT_EQ(expression.moves[0].count, 1);
    EXPECT_EQ(expression.moves[1].kind, Move::Kind::parent);
    EXPECT_EQ(expression.moves[1].count, 2);
    EXPECT_EQ(expression.moves[2].count, 3);
}

TEST(Expression, TakesAViewOfABranch) {
    EXPECT_EQ(parse_expression("main").view, Expression::View::plain);
    EXPECT_EQ(parse_expression("main@").view, Expression::View::committed);
    EXPECT_EQ(parse_expression("main$").view, Expression::View::staged);
}

TEST(Expression, RefusesWhatIsMalformed) {
    for (const char* text : {"", " ", "a b", "~1", "@", "main~x", "main~-1", "main^-1", "main@1",
                             "main$~1", "main~1$", "main@@", "main~9999999999"}) {
        EXPECT_THROW(parse_expression(text), Error) << text;
    }
}

TEST(Glob, MatchesTheWholeName) {
    EXPECT_TRUE(matches_glob("main", "main"));
    EXPECT_FALSE(matches_glob("main", "main2"));
    EXPECT_TRUE(matches_glob("*", ""));
    EXPECT_TRUE(matches_glob("release-*", "release-1/2"));
    EXPECT_FALSE(matches_glob("release-*", "release"));
    EXPECT_TRUE(matches_glob("v?", "v1"));
    EXPECT_FALSE(matches_glob("v?", "v"));
    EXPECT_TRUE(matches_glob("[a-c]x", "bx"));
    EXPECT_FALSE(matches_glob("[!a-c]x", "bx"));
    EXPECT_TRUE(matches_glob("[!a-c]x", "dx"));
    EXPECT_TRUE(matches_glob("{main,dev-*}", "dev-1"));
    EXPECT_TRUE(matches_glob("{a,{b,c}d}e", "cde"));
    EXPECT_FALSE(matches_glob("{a,{b,c}d}e", "ade"));
    EXPECT_TRUE(matches_glob("\\*", "*"));
    EXPECT_FALSE(matches_glob("\\*", "a"));
}

TEST(Glob, TakesNoLongerForManyStars) {
    const std::string name(2'000, 'a');

    EXPECT_FALSE(matches_glob("*a*a*a*a*a*a*a*a*a*a*a*a*b", name));
}

TEST(Glob, RefusesWhatIsMalformed) {
    for (const char* pattern : {"[", "[]", "[b-a]", "{a", "{a,b", "a\\", "[a"}) {
        EXPECT_THROW(matches_glob(pattern, "a"), Error) << pattern;
    }
}

}  // namespace
}  // namespace tarn::refs
