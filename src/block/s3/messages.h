#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "block/store.h"

namespace tarn::block {

// What an S3 store says in its error document.
struct S3Fault {
    std::string code;
    std::string message;
    std::string region;  // where the bucket lies, when that is the fault
};

// Reads an <Error> document; nothing when the text is none.
std::optional<S3Fault> parse_fault(std::string_view xml);

// A page of ListObjectsV2, its keys decoded and still with the namespace's own prefix.
struct S3ListPage {
    std::vector<Listed> objects;
    std::string next_token;  // empty at the end
};

// The parsers below  Errors  unavailable: the document is not what was asked for.
S3ListPage parse_list(std::string_view xml);
PartPage parse_parts(std::string_view xml);
std::string parse_upload_id(std::string_view xml);

// What a copy of an object or of a part became.
struct S3Copied {
    std::string etag;
    Time modified;
};
S3Copied parse_copied(std::string_view xml);
// The ETag of a CompleteMultipartUploadResult.
std::string parse_completed(std::string_view xml);
// The first fault in the answer to a batch delete, or nothing.
std::optional<S3Fault> parse_deleted(std::string_view xml);

// A part to be joined, with its CRC32C in base64 where the upload has checksums.
struct S3Piece {
    Part part;
    std::string crc32c;
};
std::string write_completion(std::span<const S3Piece> pieces);
std::string write_deletion(std::span<const std::string> keys);

// "Wed, 21 Oct 2015 07:28:00 GMT" and "2015-10-21T07:28:00.000Z"; nothing when malformed.
std::optional<Time> parse_http_date(std::string_view text);
std::optional<Time> parse_iso_time(std::string_view text);

// An ETag without its quotes.
std::string unquoted(std::string_view etag);

}  // namespace tarn::block
