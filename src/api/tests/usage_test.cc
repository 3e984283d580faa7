#include "api/usage.h"

#include <gtest/gtest.h>

#include "base/testing/await.h"
#include "catalog/testing/opened_catalog.h"

namespace tarn::api {
namespace {

class UsageTest : public ::testing::Test {
protected:
    UsageTest() {
        auth::ServerFacts facts;
        facts.fixed_id = "here";
        await(auth.start(facts));
    }

    std::string rows() {
        std::string text;
        for (const kv::Pair& row : await(opened.kv.scan("usage", "", 10))) {
            text += row.name + "=" + row.value + " ";
        }
        return text;
    }

    catalog::OpenedCatalog opened;  // in November 2023
    auth::Auth auth{opened.kv, opened.clock, {.secret_key = Secret("secret")}};
    Usage usage{opened.kv, auth, opened.clock};
};

TEST_F(UsageTest, AddsUpByMonth) {
    usage.count();
    usage.count();
    await(usage.write());
    EXPECT_EQ(rows(), "usage/monthly/here/202311=2 ");
    opened.clock.advance(std::chrono::hours(24 * 30));
    usage.count();

    const auto months = await(usage.months());

    ASSERT_EQ(months.size(), 2u);
    EXPECT_EQ(months[0].year, 2023);
    EXPECT_EQ(months[0].month, 11);
    EXPECT_EQ(months[0].operations, 2);
    EXPECT_EQ(months[1].month, 12);
    EXPECT_EQ(months[1].operations, 1);
}

TEST_F(UsageTest, IsSharedWithOtherServers) {
    Usage other(opened.kv, auth, opened.clock);
    usage.count();
    other.count();

    await(usage.write());
    await(other.write());

    EXPECT_EQ(rows(), "usage/monthly/here/202311=2 ");
}

TEST_F(UsageTest, IsWrittenAfterAThousandOperationsOrFiveMinutes) {
    for (int i = 1; i < 1'000; ++i) ASSERT_FALSE(usage.count());
    EXPECT_TRUE(usage.count());
    EXPECT_FALSE(usage.count());  // somebody writes already
    await(usage.write());
    EXPECT_FALSE(usage.count());

    opened.clock.advance(std::chrono::minutes(5));

    EXPECT_TRUE(usage.count());
}

}  // namespace
}  // namespace tarn::api
