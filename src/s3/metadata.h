#pragma once

#include <expected>
#include <string>
#include <string_view>

#include "catalog/entry.h"
#include "http/fields.h"
#include "http/request.h"
#include "s3/errors.h"

namespace tarn::s3 {

// What a request wants to be kept beside the bytes: user metadata as "X-Amz-Meta-<lower-case
// name>", and Cache-Control, Content-Disposition, Content-Encoding (without aws-chunked),
// Content-Language, Expires and the storage class under their own names. Limits  2 KiB of names and
// values of user metadata.
std::expected<catalog::Metadata, Failure> read_metadata(const http::Request& request);

// The same as fields of an answer.
void write_metadata(http::Fields& fields, const catalog::Metadata& metadata);

// Refuses what must not be promised silently: encryption, locks, foreign grants, appending.
std::optional<Failure> refuse_promises(const http::Request& request);

// The storage class that metadata records, "STANDARD" by default.
std::string_view storage_class_of(const catalog::Metadata& metadata);

// RFC 2047: encoded words in a field's value. Nothing when one has an unknown character set.
std::optional<std::string> decode_words(std::string_view value);
// The value as it is when it is printable ASCII, else as encoded words.
std::string encode_words(std::string_view value);

}  // namespace tarn::s3
