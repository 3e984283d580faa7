#include "s3/route.h"

#include <algorithm>
#include <array>

namespace tarn::s3 {
namespace {

using Routed = std::expected<Operation, Failure>;

// The sub-resources of S3, whether served or not. Sorted.
constexpr std::array<std::string_view, 42> subresources{"abac",
                                                        "accelerate",
                                                        "acl",
                                                        "analytics",
                                                        "attributes",
                                                        "cors",
                                                        "delete",
                                                        "encryption",
                                                        "intelligent-tiering",
                                                        "inventory",
                                                        "legal-hold",
                                                        "lifecycle",
                                                        "location",
                                                        "logging",
                                                        "metadataConfiguration",
                                                        "metadataInventoryTable",
                                                        "metadataJournalTable",
                                                        "metadataTable",
                                                        "metrics",
                                                        "notification",
                                                        "object-lock",
                                                        "ownershipControls",
                                                        "policy",
                                                        "policyStatus",
                                                        "publicAccessBlock",
                                                        "renameObject",
                                                        "replication",
                                                        "requestPayment",
                                                        "restore",
                                                        "retention",
                                                        "select",
                                                        "session",
                                                        "tagging",
                                                        "torrent",
                                                        "uploadId",
                                                        "uploads",
                                                        "versioning",
                                                        "versions",
                                                        "website",
                                                        "websiteConfiguration",
                                                        "x-amz-restore",
                                                        "x-amz-select"};
static_assert(std::ranges::is_sorted(subresources));

// Parameters that may come without a value.
constexpr std::array<std::string_view, 18> parameters{"bucket-region",      "continuation-token",
                                                      "delimiter",          "encoding-type",
                                                      "fetch-owner",        "key-marker",
                                                      "list-type",          "marker",
                                                      "max-keys",           "max-parts",
                                                      "max-uploads",        "partNumber",
                                                      "part-number-marker", "prefix",
                                                      "start-after",        "upload-id-marker",
                                                      "version-id-marker",  "versionId"};

// What can be read of a bucket without storing anything.
constexpr std::array<std::string_view, 19> bucket_settings{"accelerate",
                                                           "acl",
                                                           "cors",
                                                           "encryption",
                                                           "lifecycle",
                                                           "location",
                                                           "logging",
                                                           "notification",
                                                           "object-lock",
                                                           "ownershipControls",
                                                           "policy",
                                                           "policyStatus",
                                                           "publicAccessBlock",
                                                           "replication",
                                                           "requestPayment",
                                                           "tagging",
                                                           "versioning",
                                                           "website",
                                                           "websiteConfiguration"};

Routed refuse(Fault fault) {
    return std::unexpected(Failure{fault});
}

Routed route_bucket(std::string_view method, std::string_view sub) {
    if (method == "HEAD") return Operation::head_bucket;
    if (method == "GET") {
        if (sub.empty()) return Operation::list_objects;
        if (sub == "versions") return Operation::list_versions;
        if (sub == "uploads") return Operation::list_uploads;
        if (std::ranges::binary_search(bucket_settings, sub)) return Operation::get_bucket_setting;
        return refuse(Fault::not_implemented);
    }
    if (method == "PUT") {
        if (sub.empty()) return Operation::create_bucket;
        return sub == "acl" ? Routed(Operation::put_bucket_acl) : refuse(Fault::not_implemented);
    }
    if (method == "DELETE") {
        return sub.empty() ? Routed(Operation::delete_bucket) : refuse(Fault::not_implemented);
    }
    if (method == "POST") {
        if (sub == "delete") return Operation::delete_objects;
        return refuse(sub.empty() ? Fault::method_not_allowed : Fault::not_implemented);
    }
    return refuse(Fault::method_not_allowed);
}

Routed route_object_get(std::string_view sub) {
    if (sub.empty()) return Operation::get_object;
    if (sub == "uploadId") return Operation::list_parts;
    if (sub == "acl") return Operation::get_acl;
    if (sub == "tagging") return Operation::get_tagging;
    if (sub == "attributes") return Operation::get_attributes;
    if (sub == "retention" || sub == "legal-hold") {
        return refuse(Fault::no_such_object_lock_configuration);
    }
    return refuse(Fault::not_implemented);
}

Routed route_object(std::string_view method, std::string_view sub, bool is_copy) {
    if (method == "GET") return route_object_get(sub);
    if (method == "HEAD") {
        return sub.empty() ? Routed(Operation::get_object) : refuse(Fault::not_implemented);
    }
    if (method == "PUT") {
        if (sub.empty()) return is_copy ? Operation::copy_object : Operation::put_object;
        if (sub == "uploadId") return is_copy ? Operation::copy_part : Operation::put_part;
        if (sub == "tagging") return Operation::put_tagging;
        return sub == "acl" ? Routed(Operation::put_acl) : refuse(Fault::not_implemented);
    }
    if (method == "DELETE") {
        if (sub.empty()) return Operation::delete_object;
        if (sub == "uploadId") return Operation::abort_upload;
        return sub == "tagging" ? Routed(Operation::delete_tagging)
                                : refuse(Fault::not_implemented);
    }
    if (method == "POST") {
        if (sub == "uploads") return Operation::create_upload;
        if (sub == "uploadId") return Operation::complete_upload;
        return refuse(sub.empty() ? Fault::method_not_allowed : Fault::not_implemented);
    }
    return refuse(Fault::method_not_allowed);
}

}  // namespace

std::string_view subresource_of(const Params& params, bool strict) {
    for (const auto& item : params.all()) {
        if (std::ranges::binary_search(subresources, std::string_view(item.name))) {
            return item.name;
        }
        const bool is_bare = strict && !item.has_value && !item.name.empty();
        if (is_bare && std::ranges::find(parameters, item.name) == parameters.end()) {
            return item.name;
        }
    }
    return {};
}

std::expected<Operation, Failure> route(std::string_view method, const Target& target,
                                        const Params& params, bool is_copy, bool strict) {
    if (target.bucket.empty()) {
        return method == "GET" ? Routed(Operation::list_buckets)
                               : refuse(Fault::method_not_allowed);
    }
    const auto sub = subresource_of(params, strict);
    if (!target.key) return route_bucket(method, sub);
    return route_object(method, sub, is_copy);
}

}  // namespace tarn::s3
