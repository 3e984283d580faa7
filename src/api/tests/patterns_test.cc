#include "api/patterns.h"

#include <gtest/gtest.h>

#include "api/conditions.h"
#include "api/email.h"
#include "api/times.h"

namespace tarn::api {
namespace {

TEST(Patterns, KnowRepositoryNames) {
    for (const auto* good : {"abc", "a-1", "0aa", "a--"}) {
        EXPECT_TRUE(matches(Pattern::repository_name, good)) << good;
    }
    for (const auto* bad : {"", "ab", "-abc", "a_b", "a.bc", "ABC", "a b"}) {
        EXPECT_FALSE(matches(Pattern::repository_name, bad)) << bad;
    }
    EXPECT_TRUE(matches(Pattern::repository_name, std::string(63, 'a')));
    EXPECT_FALSE(matches(Pattern::repository_name, std::string(64, 'a')));
}

TEST(Patterns, KnowStorageNamespaces) {
    for (const auto* good : {"local://x", "s3://b/p", "https://a", "mem://"}) {
        EXPECT_TRUE(matches(Pattern::storage_namespace, good)) << good;
    }
    for (const auto* bad : {"", "ftp://x", "local:/x", "xlocal://a", "s3://a\nb"}) {
        EXPECT_FALSE(matches(Pattern::storage_namespace, bad)) << bad;
    }
}

TEST(Patterns, KnowByteRanges) {
    for (const auto* good : {"bytes=0-1", "bytes=-5", "bytes=5-", "bytes=-", "bytes=0-1, 3-4"}) {
        EXPECT_TRUE(matches(Pattern::byte_range, good)) << good;
    }
    for (const auto* bad : {"items=0-1", "bytes=", "bytes=5", "bytes=a-b", "bytes=0-1;"}) {
        EXPECT_FALSE(matches(Pattern::byte_range, bad)) << bad;
    }
}

TEST(Patterns, KnowDateTimes) {
    for (const auto* good :
         {"2026-01-01T00:00:00Z", "2026-01-01T00:00:00", "2026-12-31T23:59:60.5+02:00"}) {
        EXPECT_TRUE(matches(Pattern::date_time, good)) << good;
    }
    for (const auto* bad :
         {"yesterday", "2026-01-01", "2026-13-01T00:00:00Z", "2026-01-01T24:00:00Z",
          "2026-01-01T00:00:00+2", "2026-01-01T00:00:00.Z"}) {
        EXPECT_FALSE(matches(Pattern::date_time, bad)) << bad;
    }
}

TEST(Times, TakeTheZoneIntoAccount) {
    EXPECT_EQ(unix_seconds(parse_time("2000-01-01T00:00:00Z")), 946684800);
    EXPECT_EQ(unix_seconds(parse_time("2000-01-01T00:00:00+02:00")), 946684800 - 7200);
    EXPECT_EQ(unix_seconds(parse_time("2000-01-01T00:00:00-01:30")), 946684800 + 5400);
    EXPECT_EQ(unix_seconds(parse_time("9999-01-01T00:00:00Z")) > 4000000000, true);
}

using Kind = RangeVerdict::Kind;

TEST(Ranges, AreClampedToTheObject) {
    const auto verdict = read_range("bytes=8-100", 10);

    EXPECT_EQ(verdict.kind, Kind::part);
    EXPECT_EQ(verdict.range.first, 8U);
    EXPECT_EQ(verdict.range.last, 9U);
}

TEST(Ranges, CountASuffixFromTheEnd) {
    EXPECT_EQ(read_range("bytes=-3", 10).range.first, 7U);
    EXPECT_EQ(read_range("bytes=-100", 10).range.first, 0U);
}

TEST(Ranges, OutsideTheObjectCannotBeSatisfied) {
    EXPECT_EQ(read_range("bytes=10-", 10).kind, Kind::unsatisfiable);
    EXPECT_EQ(read_range("bytes=-0", 10).kind, Kind::unsatisfiable);
    EXPECT_EQ(read_range("bytes=0-", 0).kind, Kind::unsatisfiable);
    EXPECT_EQ(read_range("bytes=-5", 0).kind, Kind::unsatisfiable);
}

TEST(Ranges, OfSeveralPiecesOrBackwardsAreMalformed) {
    EXPECT_EQ(read_range("bytes=0-1,3-4", 10).kind, Kind::malformed);
    EXPECT_EQ(read_range("bytes=5-2", 10).kind, Kind::malformed);
    EXPECT_EQ(read_range("bytes=-", 10).kind, Kind::malformed);
}

TEST(Conditions, CompareEntityTagsWeakly) {
    EXPECT_TRUE(names_etag("\"a\"", "a"));
    EXPECT_TRUE(names_etag("W/\"a\"", "a"));
    EXPECT_TRUE(names_etag("\"x\", \"a\"", "a"));
    EXPECT_TRUE(names_etag("*", "a"));
    EXPECT_FALSE(names_etag("a", "a"));
    EXPECT_FALSE(names_etag("\"b\"", "a"));
    EXPECT_TRUE(names_etag_strongly("W/\"a\", \"a\"", "a"));
    EXPECT_TRUE(names_etag_strongly("*", "a"));
    EXPECT_FALSE(names_etag_strongly("W/\"a\"", "a"));
}

TEST(Email, IsHeldToItsForm) {
    EXPECT_TRUE(is_email("someone@example.com"));
    EXPECT_FALSE(is_email("nonsense"));
    EXPECT_FALSE(is_email("a b@example.com"));
    EXPECT_FALSE(is_email("a@localhost"));
    EXPECT_TRUE(is_free_mail("someone@gmail.com"));
    EXPECT_FALSE(is_free_mail("someone@example.com"));
}

}  // namespace
}  // namespace tarn::api
