#pragma once

#include <expected>
#include <optional>
#include <string>

#include "s3/bucket_list.h"
#include "s3/errors.h"
#include "s3/params.h"
#include "s3/xml.h"

namespace tarn::s3 {

// What the listings of a bucket have in common.
struct ListRequest {
    BucketQuery query;
    bool url_encoding = false;
    bool fetch_owner = false;
    // As given, for the echo.
    std::optional<std::string> token;
    std::optional<std::string> start_after;
    std::string marker;
};

enum class ListKind { version_1, version_2, versions };

std::expected<ListRequest, Failure> parse_list_request(const Params& params, ListKind kind);

// A continuation token behind an item that ends at `cursor`: the cursor itself, or ":" and its
// base64 where it holds what XML cannot. `parse_list_request` reads it back.
std::string token_of(std::string_view cursor);

// An integer parameter: `otherwise` when absent, at most `most`. Nothing when it is no such number.
std::optional<int> parse_limit(const Params& params, std::string_view name, int otherwise,
                               int most);

// A key or prefix in the encoding that was asked for.
void write_key(XmlWriter& xml, std::string_view element, std::string_view key, bool url_encoding);

}  // namespace tarn::s3
