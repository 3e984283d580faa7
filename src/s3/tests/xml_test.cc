#include "s3/xml.h"

#include <gtest/gtest.h>

#include "base/error.h"

namespace tarn::s3 {
namespace {

TEST(XmlWriter, EscapesWhatXmlMustNotHold) {
    XmlWriter xml("R", false);
    xml.element("K", "a<&>\"'\n\x01\xC3\xA9").etag("E", "abc").element("N", 5u);

    EXPECT_EQ(
        xml.finish(),
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
        "<R><K>a&lt;&amp;&gt;&#34;&#39;&#xA;&#x1;\xC3\xA9</K><E>&#34;abc&#34;</E><N>5</N></R>");
}

TEST(XmlWriter, WritesTimesInWholeSeconds) {
    XmlWriter xml("R", false);
    xml.time("T", from_unix_seconds(1'700'000'000) + std::chrono::milliseconds(999));

    EXPECT_TRUE(xml.finish().ends_with("<R><T>2023-11-14T22:13:20.000Z</T></R>"));
}

TEST(ParseDeleteList, ReadsKeysAsText) {
    const auto list = parse_delete_list(
        "<?xml version=\"1.0\"?><Delete xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">"
        "<Quiet>true</Quiet><Object><Key>main/a&amp;b%20&#10;c</Key><ETag>\"e\"</ETag></Object>"
        "<Object><Key>main/ </Key><VersionId>null</VersionId></Object></Delete>");

    EXPECT_TRUE(list.quiet);
    ASSERT_EQ(list.objects.size(), 2u);
    EXPECT_EQ(list.objects[0].key, "main/a&b%20\nc");
    EXPECT_EQ(list.objects[0].etag, "e");
    EXPECT_EQ(list.objects[1].key, "main/ ");
}

template <class Parse>
bool is_refused(Parse parse, std::string_view body) {
    try {
        parse(body);
    } catch (const Error& error) {
        EXPECT_EQ(error.detail(), "bad_xml");
        return true;
    }
    return false;
}

TEST(ParseDeleteList, RefusesOtherDocumentsAndTooManyKeys) {
    std::string many = "<Delete>";
    for (int at = 0; at < 1'001; ++at) many += "<Object><Key>k</Key></Object>";
    many += "</Delete>";
    for (const std::string& body :
         {std::string(), std::string("<Delete"), std::string("<Delete></Delete>"), many,
          std::string("<Foo><Object><Key>k</Key></Object></Foo>"),
          std::string("<Delete><Object><VersionId>v</VersionId></Object></Delete>")}) {
        EXPECT_TRUE(is_refused(parse_delete_list, body)) << body.substr(0, 60);
    }
}

TEST(ParsePartList, ReadsEtagsWithAndWithoutQuotes) {
    const auto list = parse_part_list(
        "<CompleteMultipartUpload><Part><PartNumber>1</PartNumber><ETag>&quot;a&quot;</ETag></Part>"
        "<Part><ETag>b</ETag><PartNumber>10000</PartNumber></Part></CompleteMultipartUpload>");

    ASSERT_EQ(list.parts.size(), 2u);
    EXPECT_EQ(list.parts[0].etag, "a");
    EXPECT_EQ(list.parts[1].number, 10'000);
}

TEST(ParsePartList, RefusesPartsWithoutNumberOrEtag) {
    const auto with = [](std::string part) {
        return "<CompleteMultipartUpload>" + part + "</CompleteMultipartUpload>";
    };
    for (const auto& body :
         {with(""), with("<Part><PartNumber>1</PartNumber></Part>"),
          with("<Part><PartNumber>0</PartNumber><ETag>a</ETag></Part>"),
          with("<Part><PartNumber>10001</PartNumber><ETag>a</ETag></Part>"),
          with("<Part><PartNumber>x</PartNumber><ETag>a</ETag></Part>"), std::string("<x")}) {
        EXPECT_TRUE(is_refused(parse_part_list, body)) << body;
    }
}

}  // namespace
}  // namespace tarn::s3
