#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/error.h"
#include "signature/refusal.h"

namespace tarn::s3 {

// The errors that S3 clients know.
enum class Fault {
    access_denied,
    acl_not_supported,
    authorization_header_malformed,
    authorization_query_malformed,
    bad_digest,
    bucket_already_exists,
    bucket_already_owned_by_you,
    bucket_not_empty,
    entity_too_large,
    entity_too_small,
    incomplete_body,
    internal_error,
    invalid_access_key_id,
    invalid_argument,
    invalid_bucket_name,
    invalid_chunk,
    invalid_digest,
    invalid_part,
    invalid_part_number,
    invalid_part_order,
    invalid_range,
    invalid_request,
    invalid_storage_class,
    invalid_uri,
    key_too_long,
    malformed_trailer,
    malformed_xml,
    metadata_too_large,
    method_not_allowed,
    missing_content_length,
    no_such_bucket,
    no_such_bucket_policy,
    no_such_cors_configuration,
    no_such_key,
    no_such_lifecycle_configuration,
    no_such_object_lock_configuration,
    no_such_public_access_block,
    no_such_tag_set,
    no_such_upload,
    no_such_version,
    no_such_website_configuration,
    not_implemented,
    object_lock_configuration_not_found,
    operation_aborted,
    precondition_failed,
    replication_configuration_not_found,
    request_time_too_skewed,
    service_unavailable,
    sha256_mismatch,
    signature_does_not_match,
    slow_down,
    storage_full,
    encryption_configuration_not_found,
    bad_request,
    invalid_tag,
};

std::string_view code_of(Fault fault);  // "NoSuchKey"
int status_of(Fault fault);
std::string_view message_of(Fault fault);

// A refusal on its way to a client.
struct Failure {
    Fault fault = Fault::internal_error;
    std::string message = {};                                       // empty: the fault's own
    std::vector<std::pair<std::string, std::string>> details = {};  // further elements of the body
};

// Reading and writing say different things of what is not there.
enum class Access { read, write };

Failure failure_of(const Error& error, Access access);
Failure failure_of(const signature::Refusal& refusal);

}  // namespace tarn::s3
