#include "http/request.h"

#include <gtest/gtest.h>

#include "base/error.h"
#include "http/fields.h"
#include "http/internal/serialize.h"
#include "http/internal/url.h"

namespace tarn::http {
namespace {

class FixedRequest final : public Request {
public:
    FixedRequest(std::string_view target, std::vector<FieldView> fields)
        : target_(target), fields_(std::move(fields)), body_(source_of("")) {}
    std::string_view method() const override { return "GET"; }
    std::string_view target() const override { return target_; }
    std::span<const FieldView> fields() const override { return fields_; }
    std::string_view peer_address() const override { return "127.0.0.1"; }
    bool is_tls() const override { return false; }
    std::string_view id() const override { return "id"; }
    ByteSource& body() override { return *body_; }

private:
    std::string_view target_;
    std::vector<FieldView> fields_;
    std::unique_ptr<ByteSource> body_;
};

TEST(Request, DividesItsTargetAtTheFirstQuestionMark) {
    const FixedRequest request("/a?b?c", {});

    EXPECT_EQ(request.path(), "/a");
    EXPECT_EQ(request.query(), "b?c");
    EXPECT_EQ(FixedRequest("/a", {}).query(), "");
}

TEST(Request, FindsFieldsWithoutRegardToCase) {
    const FixedRequest request("/", {{"X-A", "1"}, {"x-a", "2"}, {"X-B", "3"}});

    EXPECT_EQ(request.find("x-A"), "1");
    EXPECT_EQ(request.find("x-c"), std::nullopt);
    EXPECT_EQ(request.find_all("X-a"), (std::vector<std::string_view>{"1", "2"}));
}

TEST(Request, TakesThePortOffItsHost) {
    EXPECT_EQ(FixedRequest("/", {{"Host", "a.b:80"}}).host(), "a.b");
    EXPECT_EQ(FixedRequest("/", {{"Host", "[::1]:80"}}).host(), "[::1]");
    EXPECT_EQ(FixedRequest("/", {{"Host", "[::1]"}}).host(), "[::1]");
    EXPECT_EQ(FixedRequest("/", {}).host(), "");
}

TEST(Query, TellsAnEmptyValueFromNone) {
    const auto items = parse_query("acl&b=&c=%2F+x&&d=1=2", false);

    ASSERT_TRUE(items);
    ASSERT_EQ(items->size(), 4U);
    EXPECT_FALSE(items->at(0).has_value);
    EXPECT_TRUE(items->at(1).has_value);
    EXPECT_EQ(items->at(2).value, "/+x");
    EXPECT_EQ(items->at(3).value, "1=2");
}

TEST(Query, ReadsAPlusAsASpaceWhereAsked) {
    EXPECT_EQ(parse_query("a+b=c+d%2B", true)->front().value, "c d+");
    EXPECT_EQ(parse_query("a+b=c+d%2B", true)->front().name, "a b");
}

TEST(Query, RefusesAMalformedEscape) {
    EXPECT_EQ(parse_query("a=%2", false), std::nullopt);
    EXPECT_EQ(parse_query("%zz", true), std::nullopt);
}

TEST(Fields, ReplacesAllOfANameEvenByAViewOfItself) {
    Fields fields;
    fields.add("a", std::string(100, 'x'));
    fields.add("A", "y");

    fields.set("a", *fields.find("a"));

    EXPECT_EQ(fields.find_all("A"), (std::vector<std::string_view>{std::string(100, 'x')}));
}

TEST(Serialize, NeverLetsAValueEndItsLine) {
    std::string out;

    append_field(out, "A", "b\r\nC: d\ve");

    EXPECT_EQ(out, "A: b  C: d e\r\n");
}

TEST(Origin, ReadsHostAndPort) {
    EXPECT_EQ(parse_origin("http://a").port, "80");
    EXPECT_EQ(parse_origin("https://a/").port, "443");
    EXPECT_EQ(parse_origin("https://a:443").host_field, "a");
    EXPECT_EQ(parse_origin("http://[::1]:8080").host, "::1");
    EXPECT_EQ(parse_origin("http://[::1]:8080").host_field, "[::1]:8080");
}

TEST(Origin, RefusesWhatIsNone) {
    for (const char* url : {"", "a:80", "ftp://a", "http://", "http://:80", "http://a:0",
                            "http://a:x", "http://a:70000", "http://a b", "http://a/path"}) {
        EXPECT_THROW(parse_origin(url), Error) << url;
    }
}

}  // namespace
}  // namespace tarn::http
