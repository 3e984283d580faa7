#pragma once

#include <expected>
#include <string_view>

#include "s3/errors.h"
#include "s3/params.h"
#include "s3/target.h"

namespace tarn::s3 {

// Everything that can be asked of the gateway.
enum class Operation {
    list_buckets,
    // of a bucket
    create_bucket,
    delete_bucket,
    head_bucket,
    get_bucket_setting,  // a sub-resource that has a fixed answer
    put_bucket_acl,
    list_objects,
    list_versions,
    list_uploads,
    delete_objects,
    // of an object
    get_object,  // HEAD too
    put_object,
    copy_object,
    delete_object,
    get_acl,
    put_acl,
    get_tagging,
    put_tagging,
    delete_tagging,
    get_attributes,
    create_upload,
    put_part,
    copy_part,
    list_parts,
    complete_upload,
    abort_upload,
};

// What a request asks for, by method, by what its target names, and by the sub-resource in its
// query. A sub-resource that is not served never leads to an operation on data. `strict`: names in
// a query without "=" that mean nothing are sub-resources too.
std::expected<Operation, Failure> route(std::string_view method, const Target& target,
                                        const Params& params, bool is_copy, bool strict);

// The sub-resource of a query, or empty.
std::string_view subresource_of(const Params& params, bool strict);

}  // namespace tarn::s3
