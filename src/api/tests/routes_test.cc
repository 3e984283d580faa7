#include "api/routes.h"

#include <gtest/gtest.h>

#include <set>

namespace tarn::api {
namespace {

std::string_view operation_at(std::string_view method, std::string_view path) {
    const auto route = find_route(method, path);
    return route ? route->operation->id : "none";
}

TEST(Routes, TakeLiteralSegmentsBeforeVariableOnes) {
    EXPECT_EQ(operation_at("GET", "/repositories"), "listRepositories");
    EXPECT_EQ(operation_at("GET", "/repositories/refs"), "getRepository");
    EXPECT_EQ(operation_at("PUT", "/repositories/r/refs/dump"), "dumpRefs");
    EXPECT_EQ(operation_at("GET", "/repositories/r/branches/main/objects/stage_allowed"),
              "uploadObjectPreflight");
}

TEST(Routes, ComeBackFromALiteralThatLeadsNowhere) {
    EXPECT_EQ(operation_at("GET", "/repositories/r/refs/dump/objects"), "getObject");
    EXPECT_EQ(operation_at("GET", "/repositories/r/refs/restore/diff/main"), "diffRefs");
}

TEST(Routes, KeepVariableSegmentsAsTheyWereSent) {
    const auto route = find_route("GET", "/repositories/r%20x/refs/a%2Fb/diff/main~1");

    ASSERT_TRUE(route);
    ASSERT_EQ(route->segments.count, 3U);
    EXPECT_EQ(route->segments.values[0], "r%20x");
    EXPECT_EQ(route->segments.values[1], "a%2Fb");
    EXPECT_EQ(route->segments.values[2], "main~1");
}

TEST(Routes, DropSegmentsOfAPathThatWasGivenUp) {
    const auto route = find_route("GET", "/repositories/r/refs/dump/commits");

    ASSERT_TRUE(route);
    EXPECT_EQ(route->operation->id, "logCommits");
    ASSERT_EQ(route->segments.count, 2U);
    EXPECT_EQ(route->segments.values[1], "dump");
}

TEST(Routes, KnowNoEmptySegmentsAndNoTrailingSlash) {
    EXPECT_EQ(operation_at("GET", ""), "none");
    EXPECT_EQ(operation_at("GET", "/"), "none");
    EXPECT_EQ(operation_at("GET", "/repositories/"), "none");
    EXPECT_EQ(operation_at("GET", "//repositories"), "none");
    EXPECT_EQ(operation_at("GET", "/repositories/r/branches//diff"), "none");
    EXPECT_EQ(operation_at("GET", "/repositories/r/branches/main/"), "none");
}

TEST(Routes, RefuseOtherMethods) {
    EXPECT_EQ(operation_at("DELETE", "/repositories"), "none");
    EXPECT_EQ(operation_at("HEAD", "/repositories"), "none");
    EXPECT_EQ(operation_at("OPTIONS", "/repositories"), "none");
    EXPECT_EQ(operation_at("HEAD", "/repositories/r/refs/main/objects"), "headObject");
}

TEST(Routes, LeadToEveryOperationOfTheContract) {
    std::set<std::string_view> found;
    for (const Operation& operation : all_operations()) {
        std::string path(operation.path);
        for (std::size_t at = path.find('{'); at != std::string::npos; at = path.find('{')) {
            path.replace(at, path.find('}') - at + 1, "x");
        }
        EXPECT_EQ(operation_at(operation.method, path), operation.id);
        found.insert(operation.id);
    }
    EXPECT_EQ(found.size(), all_operations().size());
}

}  // namespace
}  // namespace tarn::api
