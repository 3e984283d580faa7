#include "api/node.h"

#include <gtest/gtest.h>

#include "api/wire/branches.h"
#include "api/wire/experimental.h"
#include "api/wire/import.h"
#include "api/wire/internal.h"
#include "api/wire/objects.h"
#include "api/wire/repositories.h"
#include "api/wire/staging.h"

namespace tarn::api {
namespace {

template <class T>
std::string complaint(std::string_view bytes, T* out = nullptr) {
    T value;
    const auto reason = decode_json(bytes, "#/components/schemas/X",
                                    [&](const Node& node) { decode(node, value); });
    if (out) *out = value;
    return reason.value_or("");
}

constexpr std::string_view schema =
    "request body has an error: doesn't match schema #/components/schemas/X: ";

std::string at(std::string_view pointer, std::string_view reason) {
    return std::string(schema) + "Error at \"" + std::string(pointer) +
           "\": " + std::string(reason);
}

TEST(Decoding, FillsRequiredAndDefaultedMembers) {
    wire::BranchCreation body;

    const std::string reason =
        complaint(R"({"name":"dev","source":"main","hidden":true,"unknown":[1]})", &body);

    EXPECT_EQ(reason, "");
    EXPECT_EQ(body.name, "dev");
    EXPECT_EQ(body.source, "main");
    EXPECT_TRUE(body.hidden);
    EXPECT_FALSE(body.force);
}

TEST(Decoding, NamesTheWrongMember) {
    using Body = wire::BranchCreation;
    EXPECT_EQ(complaint<Body>(R"({"name":1,"source":"m"})"), at("/name", "value must be a string"));
    EXPECT_EQ(complaint<Body>(R"({"name":null,"source":"m"})"),
              at("/name", "Value is not nullable"));
    EXPECT_EQ(complaint<Body>(R"({"name":"x"})"), at("/source", "property \"source\" is missing"));
    EXPECT_EQ(complaint<Body>(R"({"name":"x","source":"m","force":"yes"})"),
              at("/force", "value must be a boolean"));
    EXPECT_EQ(complaint<Body>("[]"), std::string(schema) + "value must be an object");
}

TEST(Decoding, NamesPlacesInsideListsAndMaps) {
    EXPECT_EQ(
        complaint<wire::ImportCreation>(
            R"({"paths":[{"type":"folder","path":"x","destination":""}],"commit":{"message":"m"}})"),
        at("/paths/0/type",
           R"(value is not one of the allowed values ["common_prefix","object"])"));
    EXPECT_EQ(complaint<wire::CommitCreation>(R"({"message":"m","metadata":{"a/b":1}})"),
              at("/metadata/a~1b", "value must be a string"));
    EXPECT_EQ(complaint<wire::PathList>(R"({"paths":["a",2]})"),
              at("/paths/1", "value must be a string"));
    EXPECT_EQ(complaint<wire::StatsEventsList>(R"({"events":[{"class":"c"}]})"),
              at("/events/0/name", "property \"name\" is missing"));
}

TEST(Decoding, HoldsPatternsLengthsAndNumbers) {
    EXPECT_EQ(
        complaint<wire::RepositoryCreation>(R"({"name":"A","storage_namespace":"local://x"})"),
        at("/name", R"(string doesn't match the regular expression "^[a-z0-9][a-z0-9-]{2,62}$")"));
    EXPECT_EQ(complaint<wire::Setup>(
                  R"({"username":"u","key":{"access_key_id":"","secret_access_key":"s"}})"),
              at("/key/access_key_id", "minimum string length is 1"));
    EXPECT_EQ(complaint<wire::CommitCreation>(R"({"message":"m","date":1.5})"),
              at("/date", "value must be an integer"));
}

TEST(Decoding, ReadsAllMembersOfAJoinedSchema) {
    wire::UploadPartCopyFrom body;

    const std::string reason = complaint(
        R"({"physical_address":"a","copy_source":{"repository":"r","ref":"main","path":"p"}})",
        &body);

    EXPECT_EQ(reason, "");
    EXPECT_EQ(body.physical_address, "a");
    EXPECT_EQ(body.copy_source.path, "p");
}

TEST(Decoding, IgnoresWhatFollowsTheDocument) {
    EXPECT_EQ(complaint<wire::BranchCreation>(R"({"name":"a","source":"b"} x)"), "");
}

TEST(Decoding, RefusesWhatIsNoJson) {
    const std::string_view prefix = "request body has an error: failed to decode request body: ";
    EXPECT_TRUE(complaint<wire::BranchCreation>("hello").starts_with(prefix));
    EXPECT_TRUE(complaint<wire::BranchCreation>(R"({"name": "x")").starts_with(prefix));
}

TEST(Decoding, RefusesDepth) {
    const std::string deep(200, '[');

    EXPECT_NE(complaint<wire::BranchCreation>(deep), "");
}

TEST(Encoding, LeavesOutWhatIsAbsentAndWritesNullWhereItMustBe) {
    wire::StagingLocation location;
    location.physical_address = "local://a";
    std::string text;

    append(text, location);

    EXPECT_EQ(text, R"({"physical_address":"local://a","presigned_url":null})");
}

TEST(Encoding, WritesRequiredMembersInOrder) {
    wire::RefList list;
    list.results.push_back({"main", "c0"});
    list.pagination.results = 1;
    list.pagination.max_per_page = 1000;
    std::string text;

    append(text, list);

    EXPECT_EQ(
        text,
        R"({"pagination":{"has_more":false,"next_offset":"","results":1,"max_per_page":1000},)"
        R"("results":[{"id":"main","commit_id":"c0"}]})");
}

}  // namespace
}  // namespace tarn::api
