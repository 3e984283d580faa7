#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "signature/message.h"

namespace tarn::s3 {

// A key of a bucket, as Tarn reads it: "<ref>/<path>".
struct ObjectKey {
    std::string ref;
    std::string path;
    bool has_slash = false;  // "main" and "main/" are told apart

    std::string whole() const { return has_slash ? ref + "/" + path : ref; }
};

// Splits at the first slash; bytes are taken as they are.
ObjectKey split_key(std::string_view key);

// What a request is about.
struct Target {
    std::string bucket;            // empty: the service
    std::optional<ObjectKey> key;  // nothing: the bucket
    std::string virtual_bucket;    // the bucket again when Host named it
};

// The bucket that a host (without port) names before one of the base domains, if any. `is_base`:
// the host is a base domain itself.
struct HostMatch {
    bool is_base = false;
    std::string_view bucket;
};
HostMatch match_host(std::string_view host, std::span<const std::string> domain_names);

// Reads the raw path of a request. Nothing when an escape is malformed or the key is no UTF-8.
std::optional<Target> parse_target(std::string_view raw_path, std::string_view host,
                                   std::span<const std::string> domain_names);

// x-amz-copy-source: "[/]bucket/ref/path[?versionId=id]", percent-encoded.
struct CopySource {
    std::string bucket;
    ObjectKey key;
    std::optional<std::string> version;
};
// Nothing when bucket, ref or path is missing or an escape is malformed.
std::optional<CopySource> parse_copy_source(std::string_view field);

}  // namespace tarn::s3
