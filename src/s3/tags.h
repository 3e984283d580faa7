#pragma once

#include <expected>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "catalog/entry.h"
#include "s3/errors.h"

namespace tarn::s3 {

// The tags of an object, in the order given.
// Limits  10 tags; a key of 1..128, a value of 0..256 characters; no key twice.
using Tags = std::vector<std::pair<std::string, std::string>>;

// x-amz-tagging: "key=value&...", percent-encoded.
std::expected<Tags, Failure> parse_tag_field(std::string_view field);
// The body of PutObjectTagging.
std::expected<Tags, Failure> parse_tag_document(std::string_view body);
std::string tag_document(const Tags& tags);

// Tags as an entry's metadata keeps them, under "X-Amz-Tagging".
Tags tags_of(const catalog::Metadata& metadata);
void set_tags(catalog::Metadata& metadata, const Tags& tags);

}  // namespace tarn::s3
