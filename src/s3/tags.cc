#include "s3/tags.h"

#include <algorithm>
#include <pugixml.hpp>

#include "base/bytes.h"
#include "s3/params.h"
#include "s3/xml.h"

namespace tarn::s3 {
namespace {

constexpr std::size_t tags_max = 10;
constexpr std::size_t key_characters_max = 128;
constexpr std::size_t value_characters_max = 256;
constexpr std::string_view stored_name = "X-Amz-Tagging";

std::size_t characters(std::string_view text) {
    return static_cast<std::size_t>(std::ranges::count_if(
        text, [](char byte) { return (static_cast<unsigned char>(byte) & 0xC0) != 0x80; }));
}

std::optional<Failure> refuse_tags(const Tags& tags) {
    if (tags.size() > tags_max) {
        return Failure{Fault::bad_request, "Object tags cannot be greater than 10"};
    }
    for (std::size_t at = 0; at < tags.size(); ++at) {
        const auto& [key, value] = tags[at];
        if (key.empty() || characters(key) > key_characters_max || !is_utf8(key)) {
            return Failure{Fault::invalid_tag};
        }
        if (characters(value) > value_characters_max || !is_utf8(value)) {
            return Failure{Fault::invalid_tag, "The TagValue you have provided is invalid"};
        }
        for (std::size_t other = 0; other < at; ++other) {
            if (tags[other].first != key) continue;
            return Failure{Fault::invalid_tag, "Cannot provide multiple Tags with the same key"};
        }
    }
    return std::nullopt;
}

std::expected<Tags, Failure> checked(Tags tags) {
    if (auto failure = refuse_tags(tags)) return std::unexpected(std::move(*failure));
    return tags;
}

}  // namespace

std::expected<Tags, Failure> parse_tag_field(std::string_view field) {
    Tags tags;
    for (const auto& item : Params(field).all()) tags.emplace_back(item.name, item.value);
    return checked(std::move(tags));
}

std::expected<Tags, Failure> parse_tag_document(std::string_view body) {
    pugi::xml_document document;
    const auto result =
        document.load_buffer(body.data(), body.size(), pugi::parse_default, pugi::encoding_utf8);
    const auto root = document.document_element();
    const auto set = root.child("TagSet");
    if (!result || std::string_view(root.name()) != "Tagging" || !set) {
        return std::unexpected(Failure{Fault::malformed_xml});
    }
    Tags tags;
    for (const auto tag : set.children("Tag")) {
        if (!tag.child("Key") || !tag.child("Value")) {
            return std::unexpected(Failure{Fault::malformed_xml});
        }
        tags.emplace_back(tag.child_value("Key"), tag.child_value("Value"));
        if (tags.size() > tags_max) break;
    }
    return checked(std::move(tags));
}

std::string tag_document(const Tags& tags) {
    XmlWriter xml("Tagging", true);
    xml.open("TagSet");
    for (const auto& [key, value] : tags) {
        xml.open("Tag").element("Key", key).element("Value", value).close("Tag");
    }
    return xml.close("TagSet").finish();
}

Tags tags_of(const catalog::Metadata& metadata) {
    Tags tags;
    const auto found = metadata.find(std::string(stored_name));
    if (found == metadata.end()) return tags;
    for (const auto& item : Params(found->second).all()) tags.emplace_back(item.name, item.value);
    return tags;
}

void set_tags(catalog::Metadata& metadata, const Tags& tags) {
    std::string text;
    for (const auto& [key, value] : tags) {
        if (!text.empty()) text += '&';
        text.append(percent_encode(key)).append("=").append(percent_encode(value));
    }
    metadata.erase(std::string(stored_name));
    if (!text.empty()) metadata.emplace(stored_name, std::move(text));
}

}  // namespace tarn::s3
