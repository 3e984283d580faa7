#include "s3/tags.h"

#include <gtest/gtest.h>

namespace tarn::s3 {
namespace {

std::string document_with(int tags) {
    std::string text = "<Tagging><TagSet>";
    for (int at = 0; at < tags; ++at) {
        text += "<Tag><Key>k" + std::to_string(at) + "</Key><Value>v</Value></Tag>";
    }
    return text + "</TagSet></Tagging>";
}

TEST(Tags, AreKeptInMetadata) {
    const auto tags = parse_tag_field("a%26b=1&c=d%20e&empty=");
    ASSERT_TRUE(tags);
    catalog::Metadata metadata{{"X-Amz-Meta-k", "v"}};

    set_tags(metadata, *tags);

    EXPECT_EQ(tags_of(metadata), *tags);
    set_tags(metadata, {});
    EXPECT_EQ(metadata.size(), 1u);
}

TEST(Tags, HaveLimits) {
    const std::string long_key(129, 'k');
    const std::string long_value(257, 'v');
    EXPECT_TRUE(parse_tag_document(document_with(10)));
    EXPECT_EQ(parse_tag_document(document_with(11)).error().fault, Fault::bad_request);
    EXPECT_EQ(parse_tag_field(long_key + "=v").error().fault, Fault::invalid_tag);
    EXPECT_EQ(parse_tag_field("k=" + long_value).error().fault, Fault::invalid_tag);
    EXPECT_EQ(parse_tag_field("=v").error().fault, Fault::invalid_tag);
    EXPECT_EQ(parse_tag_field("k=1&k=2").error().fault, Fault::invalid_tag);
    EXPECT_EQ(parse_tag_document("<x/>").error().fault, Fault::malformed_xml);
}

}  // namespace
}  // namespace tarn::s3
