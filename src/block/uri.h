#pragma once

#include <string>
#include <string_view>

namespace tarn::block {

// A storage URI taken apart: "s3://bucket/some/key" has the scheme "s3", the host "bucket" and the
// key "some/key".
struct Uri {
    std::string scheme;  // lower case, without "://"
    std::string host;    // what stands before the first slash; may be empty
    std::string key;     // what stands after it, without that slash
};

// Reads a URI as Go's URL parser does, which decided what stored addresses mean: all from the first
// `?` on is dropped, `#` is an ordinary character, and the path is decoded only when its escapes
// are exactly those that Go itself would write. Errors  invalid_argument: no scheme, a control
// character or a malformed escape. Source  docs/formats/addresses.md
Uri parse_uri(std::string_view text);

// Whether the text begins with a scheme and "://".
bool is_uri(std::string_view text);

}  // namespace tarn::block
