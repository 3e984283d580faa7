#include "s3/route.h"

#include <gtest/gtest.h>

namespace tarn::s3 {
namespace {

const Target bucket{"repo", std::nullopt, {}};
const Target object{"repo", ObjectKey{"main", "k", true}, {}};

Operation operation_of(std::string_view method, const Target& target, std::string_view query = "",
                       bool is_copy = false) {
    const auto routed = route(method, target, Params(query), is_copy, true);
    EXPECT_TRUE(routed.has_value()) << method << " " << query;
    return routed.value_or(Operation::list_buckets);
}

std::string_view refusal_of(std::string_view method, const Target& target,
                            std::string_view query = "") {
    const auto routed = route(method, target, Params(query), false, true);
    EXPECT_FALSE(routed.has_value()) << method << " " << query;
    return routed ? "" : code_of(routed.error().fault);
}

TEST(Route, FindsOperationsOnObjects) {
    EXPECT_EQ(operation_of("GET", object), Operation::get_object);
    EXPECT_EQ(operation_of("HEAD", object), Operation::get_object);
    EXPECT_EQ(operation_of("PUT", object), Operation::put_object);
    EXPECT_EQ(operation_of("PUT", object, "", true), Operation::copy_object);
    EXPECT_EQ(operation_of("PUT", object, "partNumber=1&uploadId=x"), Operation::put_part);
    EXPECT_EQ(operation_of("PUT", object, "partNumber=1&uploadId=x", true), Operation::copy_part);
    EXPECT_EQ(operation_of("POST", object, "uploads"), Operation::create_upload);
    EXPECT_EQ(operation_of("POST", object, "uploads="), Operation::create_upload);
    EXPECT_EQ(operation_of("DELETE", object, "uploadId=x"), Operation::abort_upload);
    EXPECT_EQ(operation_of("GET", object, "x-id=GetObject&partNumber=1&versionId=null"),
              Operation::get_object);
}

TEST(Route, FindsOperationsOnBuckets) {
    EXPECT_EQ(operation_of("GET", bucket), Operation::list_objects);
    EXPECT_EQ(operation_of("GET", bucket, "list-type=2&prefix&delimiter"), Operation::list_objects);
    EXPECT_EQ(operation_of("GET", bucket, "location"), Operation::get_bucket_setting);
    EXPECT_EQ(operation_of("GET", bucket, "uploads"), Operation::list_uploads);
    EXPECT_EQ(operation_of("POST", bucket, "delete"), Operation::delete_objects);
    EXPECT_EQ(operation_of("GET", Target{}), Operation::list_buckets);
}

TEST(Route, NeverLeadsFromASubresourceToData) {
    for (const auto* sub : {"retention", "legal-hold", "restore", "select", "renameObject",
                            "torrent", "encryption", "attributes", "tagging", "foo-unknown"}) {
        for (const auto* method : {"PUT", "DELETE", "GET", "HEAD", "POST"}) {
            const auto routed = route(method, object, Params(sub), false, true);
            if (!routed) continue;
            const auto operation = *routed;
            const bool is_harmless =
                operation == Operation::get_tagging || operation == Operation::put_tagging ||
                operation == Operation::delete_tagging || operation == Operation::get_attributes;
            EXPECT_TRUE(is_harmless) << method << " ?" << sub;
        }
    }
}

TEST(Route, RefusesMethodsWithoutMeaning) {
    EXPECT_EQ(refusal_of("PATCH", object), "MethodNotAllowed");
    EXPECT_EQ(refusal_of("POST", object), "MethodNotAllowed");
    EXPECT_EQ(refusal_of("PUT", Target{}), "MethodNotAllowed");
    EXPECT_EQ(refusal_of("POST", object, "select&select-type=2"), "NotImplemented");
    EXPECT_EQ(refusal_of("GET", bucket, "inventory"), "NotImplemented");
    EXPECT_EQ(refusal_of("GET", object, "legal-hold"), "NoSuchObjectLockConfiguration");
}

TEST(Route, IgnoresUnknownParametersWithAValue) {
    EXPECT_EQ(operation_of("GET", bucket, "x-a=1&x-a=2"), Operation::list_objects);
    EXPECT_TRUE(route("GET", object, Params("unknown"), false, false).has_value());
}

}  // namespace
}  // namespace tarn::s3
