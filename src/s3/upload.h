#pragma once

#include <expected>
#include <string>

#include "s3/call.h"

namespace tarn::s3 {

// What a multipart upload is bound to beside its path: "repository/branch".
std::string upload_place(const std::string& repository, const ObjectKey& key);

// The upload that the request names, if it is one of the request's key; else NoSuchUpload.
Task<std::expected<catalog::Upload, Failure>> find_upload(const Call& call);

// The part that the request names, 1..10000.
std::expected<int, Failure> part_number(const Call& call);

// Where the bytes of an upload go.
block::Address address_of(const Call& call, const catalog::Upload& upload);

}  // namespace tarn::s3
