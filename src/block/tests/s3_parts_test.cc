// The pure parts of the S3 driver: places, messages, decisions about retries, memory.

#include <gtest/gtest.h>

#include "base/error.h"
#include "base/testing/await.h"
#include "block/s3/memory_budget.h"
#include "block/s3/messages.h"
#include "block/s3/place.h"
#include "block/s3/retry.h"

namespace tarn::block {
namespace {

using namespace std::chrono_literals;

TEST(PlaceOf, JoinsNamespaceAndKey) {
    EXPECT_EQ(place_of({"s3://bucket", "data/x"}), (S3Place{"bucket", "data/x"}));
    EXPECT_EQ(place_of({"s3://bucket/a/b//", "/x"}), (S3Place{"bucket", "a/b//x"}));
    EXPECT_EQ(place_of({"", "s3://bucket/a%20b?c"}), (S3Place{"bucket", "a b"}));
    EXPECT_THROW(place_of({"", "s3://bucket"}), Error);
    EXPECT_THROW(place_of({"s3://", "x"}), Error);
    EXPECT_THROW(place_of({"local://bucket", "x"}), Error);
}

std::string url_of(const S3Place& place, std::string_view endpoint, bool path_style = false,
                   std::string_view region = "eu-west-1") {
    const S3Target target = target_of(place, endpoint, region, path_style);
    return target.url + target.path + " " + target.host;
}

TEST(TargetOf, PutsTheBucketWhereItFits) {
    const S3Place place{"bucket", "a b/c"};
    EXPECT_EQ(url_of(place, ""),
              "https://bucket.s3.eu-west-1.amazonaws.com/a%20b/c "
              "bucket.s3.eu-west-1.amazonaws.com");
    EXPECT_EQ(url_of(place, "", true),
              "https://s3.eu-west-1.amazonaws.com/bucket/a%20b/c s3.eu-west-1.amazonaws.com");
    EXPECT_EQ(url_of({"my.bucket", "x"}, ""),
              "https://s3.eu-west-1.amazonaws.com/my.bucket/x s3.eu-west-1.amazonaws.com");
    EXPECT_EQ(url_of({"My_Bucket", "x"}, ""),
              "https://s3.eu-west-1.amazonaws.com/My_Bucket/x s3.eu-west-1.amazonaws.com");
    EXPECT_EQ(url_of(place, "", true, "cn-north-1"),
              "https://s3.cn-north-1.amazonaws.com.cn/bucket/a%20b/c "
              "s3.cn-north-1.amazonaws.com.cn");
    EXPECT_EQ(url_of(place, "http://store:9000"),
              "http://bucket.store:9000/a%20b/c bucket.store:9000");
    EXPECT_EQ(url_of(place, "http://127.0.0.1:9000"),
              "http://127.0.0.1:9000/bucket/a%20b/c 127.0.0.1:9000");
    EXPECT_EQ(url_of(place, "https://store:443/", true), "https://store:443/bucket/a%20b/c store");
    EXPECT_EQ(url_of({"bucket", ""}, "http://store"), "http://bucket.store/ bucket.store");
}

TEST(Judge, TellsWhatAnAnswerMeans) {
    EXPECT_EQ(judge(404, "NoSuchKey"), Verdict::done);
    EXPECT_EQ(judge(403, "AccessDenied"), Verdict::done);
    EXPECT_EQ(judge(500, "InternalError"), Verdict::retry);
    EXPECT_EQ(judge(502, ""), Verdict::retry);
    EXPECT_EQ(judge(503, ""), Verdict::retry);
    EXPECT_EQ(judge(503, "SlowDown"), Verdict::slow_down);
    EXPECT_EQ(judge(429, ""), Verdict::slow_down);
    EXPECT_EQ(judge(400, "RequestTimeout"), Verdict::retry);
    EXPECT_EQ(judge(400, "BadDigest"), Verdict::retry);
    EXPECT_EQ(judge(400, "ExpiredToken"), Verdict::expired);
    EXPECT_EQ(judge(301, ""), Verdict::region);
    EXPECT_EQ(judge(400, "AuthorizationHeaderMalformed"), Verdict::region);
}

TEST(DelayBefore, DoublesUpToItsLimitAndSpreads) {
    S3RetryOptions options;
    options.delay_first = 100ms;
    options.delay_max = 350ms;

    EXPECT_EQ(delay_before(1, 1, options), 100ms);
    EXPECT_EQ(delay_before(2, 1, options), 200ms);
    EXPECT_EQ(delay_before(3, 1, options), 350ms);
    EXPECT_EQ(delay_before(99, 1, options), 350ms);
    EXPECT_EQ(delay_before(2, 0.25, options), 50ms);
    EXPECT_EQ(delay_before(2, 0, options), 0ms);
}

TEST(Messages, ReadAListWithEncodedKeys) {
    const S3ListPage page = parse_list(
        "<ListBucketResult><EncodingType>url</EncodingType><IsTruncated>true</IsTruncated>"
        "<NextContinuationToken>next</NextContinuationToken><Contents><Key>a%2Bb+c%C3%BC</Key>"
        "<Size>7</Size><ETag>&quot;e&quot;</ETag>"
        "<LastModified>2024-01-31T15:04:05.250Z</LastModified></Contents></ListBucketResult>");

    ASSERT_EQ(page.objects.size(), 1U);
    EXPECT_EQ(page.objects[0].key, "a+b cü");
    EXPECT_EQ(page.objects[0].size_bytes, 7U);
    EXPECT_EQ(page.objects[0].etag, "e");
    EXPECT_EQ(format_rfc3339(page.objects[0].modified), "2024-01-31T15:04:05.25Z");
    EXPECT_EQ(page.next_token, "next");
    EXPECT_THROW(parse_list("<html/>"), Error);
    EXPECT_THROW(parse_list("nonsense"), Error);
}

TEST(Messages, TellFaultsFromOtherDocuments) {
    EXPECT_EQ(parse_fault("<Error><Code>SlowDown</Code></Error>")->code, "SlowDown");
    EXPECT_EQ(parse_fault("<ErrorResponse><Error><Code>X</Code></Error></ErrorResponse>")->code,
              "X");
    EXPECT_FALSE(parse_fault("<CopyObjectResult/>"));
    EXPECT_FALSE(parse_fault(""));
    EXPECT_EQ(parse_deleted("<DeleteResult><Error><Key>k</Key><Code>NoSuchKey</Code></Error>"
                            "<Error><Code>AccessDenied</Code></Error></DeleteResult>")
                  ->code,
              "AccessDenied");
    EXPECT_FALSE(parse_deleted("<DeleteResult/>"));
}

TEST(Messages, ReadTimes) {
    const auto time = parse_http_date("Wed, 31 Jan 2024 15:04:05 GMT");
    ASSERT_TRUE(time);
    EXPECT_EQ(format_http_date(*time), "Wed, 31 Jan 2024 15:04:05 GMT");
    for (const char* text : {"", "Wed, 31 Foo 2024 15:04:05 GMT", "Wed, 31 Jan 2024 25:04:05 GMT",
                             "Wed, 30 Feb 2024 15:04:05 GMT"}) {
        EXPECT_FALSE(parse_http_date(text)) << text;
    }
    EXPECT_EQ(parse_iso_time("2024-01-31T15:04:05Z"), time);
    for (const char* text :
         {"", "2024-01-31 15:04:05Z", "2024-13-31T15:04:05Z", "2024-01-31T15:04:05.x1Z"}) {
        EXPECT_FALSE(parse_iso_time(text)) << text;
    }
}

TEST(MemoryBudget, GivesNoMoreThanThereIsAndServesInOrder) {
    MemoryBudget budget(10);
    auto first = budget.try_take(6);
    EXPECT_TRUE(first);
    EXPECT_FALSE(budget.try_take(5));
    auto second = budget.try_take(4);
    EXPECT_TRUE(second);

    first = {};

    EXPECT_FALSE(budget.try_take(7));
    EXPECT_TRUE(budget.try_take(6));
}

TEST(MemoryBudget, WhoWaitsIsServedWhenMemoryComesBack) {
    MemoryBudget budget(10);
    std::vector<int> served;
    await([&]() -> Task<void> {
        auto first = co_await budget.take(10);
        std::vector<std::function<Task<void>()>> tasks;
        for (const int number : {1, 2}) {
            tasks.emplace_back([&budget, &served, number]() -> Task<void> {
                const auto permit = co_await budget.take(8);
                served.push_back(number);
            });
        }
        tasks.emplace_back([&first]() -> Task<void> {
            first = {};
            co_return;
        });
        co_await run_all(std::move(tasks), 3);
    }());

    EXPECT_EQ(served, (std::vector<int>{1, 2}));
}

TEST(MemoryBudget, WhatIsLargerThanAllOfItGoesAlone) {
    MemoryBudget budget(10);
    auto small = budget.try_take(1);
    EXPECT_FALSE(budget.try_take(20));

    small = {};

    EXPECT_TRUE(budget.try_take(20));
}

}  // namespace
}  // namespace tarn::block
