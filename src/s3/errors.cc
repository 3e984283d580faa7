#include "s3/errors.h"

#include <array>

namespace tarn::s3 {
namespace {

struct Words {
    Fault fault;
    int status;
    std::string_view code;
    std::string_view message;
};

// In the order of Fault.
constexpr std::array words{
    Words{Fault::access_denied, 403, "AccessDenied", "Access Denied."},
    Words{Fault::acl_not_supported, 400, "AccessControlListNotSupported",
          "The bucket does not allow ACLs"},
    Words{Fault::authorization_header_malformed, 400, "AuthorizationHeaderMalformed",
          "The authorization header is malformed."},
    Words{Fault::authorization_query_malformed, 400, "AuthorizationQueryParametersError",
          "Query-string authentication is malformed."},
    Words{Fault::bad_digest, 400, "BadDigest",
          "The Content-MD5 or checksum you specified did not match what we received."},
    Words{Fault::bucket_already_exists, 409, "BucketAlreadyExists",
          "The requested bucket name is not available. The bucket namespace is shared by all users "
          "of the system. Please select a different name and try again."},
    Words{Fault::bucket_already_owned_by_you, 409, "BucketAlreadyOwnedByYou",
          "Your previous request to create the named bucket succeeded and you already own it."},
    Words{Fault::bucket_not_empty, 409, "BucketNotEmpty",
          "The bucket you tried to delete is not empty"},
    Words{Fault::entity_too_large, 400, "EntityTooLarge",
          "Your proposed upload exceeds the maximum allowed object size."},
    Words{Fault::entity_too_small, 400, "EntityTooSmall",
          "Your proposed upload is smaller than the minimum allowed object size."},
    Words{Fault::incomplete_body, 400, "IncompleteBody",
          "You did not provide the number of bytes specified by the Content-Length HTTP header."},
    Words{Fault::internal_error, 500, "InternalError",
          "We encountered an internal error, please try again."},
    Words{Fault::invalid_access_key_id, 403, "InvalidAccessKeyId",
          "The access key ID you provided does not exist in our records."},
    Words{Fault::invalid_argument, 400, "InvalidArgument", "Invalid Argument"},
    Words{Fault::invalid_bucket_name, 400, "InvalidBucketName",
          "The specified bucket is not valid."},
    Words{Fault::invalid_chunk, 400, "InvalidRequest", "The chunked body is malformed."},
    Words{Fault::invalid_digest, 400, "InvalidDigest",
          "The Content-Md5 you specified is not valid."},
    Words{Fault::invalid_part, 400, "InvalidPart",
          "One or more of the specified parts could not be found. The part may not have been "
          "uploaded, or the specified entity tag may not match the part's entity tag."},
    Words{Fault::invalid_part_number, 416, "InvalidPartNumber",
          "The requested partnumber is not satisfiable"},
    Words{Fault::invalid_part_order, 400, "InvalidPartOrder",
          "The list of parts was not in ascending order. The parts list must be specified in order "
          "by part number."},
    Words{Fault::invalid_range, 416, "InvalidRange", "The requested range is not satisfiable"},
    Words{Fault::invalid_request, 400, "InvalidRequest", "Invalid Request"},
    Words{Fault::invalid_storage_class, 400, "InvalidStorageClass",
          "The storage class you specified is not valid"},
    Words{Fault::invalid_uri, 400, "InvalidURI", "Couldn't parse the specified URI."},
    Words{Fault::key_too_long, 400, "KeyTooLongError", "Your key is too long"},
    Words{Fault::malformed_trailer, 400, "MalformedTrailerError",
          "The request contained trailing data that was not well-formed or did not conform to our "
          "published schema."},
    Words{Fault::malformed_xml, 400, "MalformedXML",
          "The XML you provided was not well-formed or did not validate against our published "
          "schema."},
    Words{Fault::metadata_too_large, 400, "MetadataTooLarge",
          "Your metadata headers exceed the maximum allowed metadata size"},
    Words{Fault::method_not_allowed, 405, "MethodNotAllowed",
          "The specified method is not allowed against this resource."},
    Words{Fault::missing_content_length, 411, "MissingContentLength",
          "You must provide the Content-Length HTTP header."},
    Words{Fault::no_such_bucket, 404, "NoSuchBucket", "The specified bucket does not exist"},
    Words{Fault::no_such_bucket_policy, 404, "NoSuchBucketPolicy",
          "The bucket policy does not exist"},
    Words{Fault::no_such_cors_configuration, 404, "NoSuchCORSConfiguration",
          "The CORS configuration does not exist"},
    Words{Fault::no_such_key, 404, "NoSuchKey", "The specified key does not exist."},
    Words{Fault::no_such_lifecycle_configuration, 404, "NoSuchLifecycleConfiguration",
          "The lifecycle configuration does not exist"},
    Words{Fault::no_such_object_lock_configuration, 404, "NoSuchObjectLockConfiguration",
          "The specified object does not have a ObjectLock configuration"},
    Words{Fault::no_such_public_access_block, 404, "NoSuchPublicAccessBlockConfiguration",
          "The public access block configuration was not found"},
    Words{Fault::no_such_tag_set, 404, "NoSuchTagSet", "The TagSet does not exist"},
    Words{Fault::no_such_upload, 404, "NoSuchUpload",
          "The specified multipart upload does not exist. The upload ID may be invalid, or the "
          "upload may have been aborted or completed."},
    Words{Fault::no_such_version, 404, "NoSuchVersion", "The specified version does not exist."},
    Words{Fault::no_such_website_configuration, 404, "NoSuchWebsiteConfiguration",
          "The specified bucket does not have a website configuration"},
    Words{Fault::not_implemented, 501, "NotImplemented",
          "A header you provided implies functionality that is not implemented"},
    Words{Fault::object_lock_configuration_not_found, 404, "ObjectLockConfigurationNotFoundError",
          "Object Lock configuration does not exist for this bucket"},
    Words{Fault::operation_aborted, 409, "OperationAborted",
          "A conflicting conditional operation is currently in progress against this resource. "
          "Please try again."},
    Words{Fault::precondition_failed, 412, "PreconditionFailed",
          "At least one of the pre-conditions you specified did not hold"},
    Words{Fault::replication_configuration_not_found, 404, "ReplicationConfigurationNotFoundError",
          "The replication configuration was not found"},
    Words{Fault::request_time_too_skewed, 403, "RequestTimeTooSkewed",
          "The difference between the request time and the server's time is too large."},
    Words{Fault::service_unavailable, 503, "ServiceUnavailable",
          "The service is unavailable. Please retry."},
    Words{Fault::sha256_mismatch, 400, "XAmzContentSHA256Mismatch",
          "The provided 'x-amz-content-sha256' header does not match what was computed."},
    Words{Fault::signature_does_not_match, 403, "SignatureDoesNotMatch",
          "The request signature we calculated does not match the signature you provided. Check "
          "your key and signing method."},
    Words{Fault::slow_down, 503, "SlowDown", "Please reduce your request rate"},
    Words{Fault::storage_full, 507, "StorageFull",
          "The storage behind the server is full. Nothing was written."},
    Words{Fault::encryption_configuration_not_found, 404,
          "ServerSideEncryptionConfigurationNotFoundError",
          "The server side encryption configuration was not found"},
    Words{Fault::bad_request, 400, "BadRequest", "Bad Request"},
    Words{Fault::invalid_tag, 400, "InvalidTag", "The TagKey you have provided is invalid"},
};

constexpr bool is_in_order() {
    for (std::size_t at = 0; at < words.size(); ++at) {
        if (words[at].fault != static_cast<Fault>(at)) return false;
    }
    return true;
}
static_assert(is_in_order());

const Words& words_of(Fault fault) {
    return words[static_cast<std::size_t>(fault)];
}

// What was refused because of its content, by the detail that says why.
Failure failure_of_argument(const Error& error) {
    static constexpr std::array<std::pair<std::string_view, Fault>, 13> faults{{
        {"bad_digest", Fault::bad_digest},
        {"chunk_signature", Fault::signature_does_not_match},
        {"incomplete_body", Fault::incomplete_body},
        {"invalid_digest", Fault::invalid_digest},
        {"invalid_part", Fault::invalid_part},
        {"invalid_part_order", Fault::invalid_part_order},
        {"malformed_chunk", Fault::invalid_chunk},
        {"malformed_trailer", Fault::malformed_trailer},
        {"missing_length", Fault::missing_content_length},
        {"sha256_mismatch", Fault::sha256_mismatch},
        {"too_large", Fault::entity_too_large},
        {"bad_xml", Fault::malformed_xml},
        {"bad_name", Fault::invalid_argument},
    }};
    for (const auto& [detail, fault] : faults) {
        if (error.detail() == detail) return {fault};
    }
    if (error.detail() == "invalid_checksum") return {Fault::invalid_request, error.message()};
    return {Fault::invalid_argument, error.message()};
}

Failure failure_of_absence(const Error& error, Access access) {
    if (error.detail() == "no_such_upload") return {Fault::no_such_upload};
    if (error.detail() == "no_such_repository") return {Fault::no_such_bucket};
    return {access == Access::read ? Fault::no_such_key : Fault::no_such_bucket};
}

}  // namespace

std::string_view code_of(Fault fault) {
    return words_of(fault).code;
}
int status_of(Fault fault) {
    return words_of(fault).status;
}
std::string_view message_of(Fault fault) {
    return words_of(fault).message;
}

Failure failure_of(const Error& error, Access access) {
    switch (error.code()) {
        case Code::not_found:
            return failure_of_absence(error, access);
        case Code::invalid_argument:
            // Reading sends no body: a ref or path that can be none names nothing.
            if (access == Access::read) return {Fault::no_such_key};
            return failure_of_argument(error);
        case Code::permission_denied:
            return {Fault::access_denied, error.message()};
        case Code::unauthenticated:
            return {Fault::access_denied};
        case Code::precondition_failed:
            return {Fault::precondition_failed};
        case Code::already_exists:
            return {Fault::bucket_already_exists};
        case Code::conflict:
            return {Fault::operation_aborted};
        case Code::exhausted:
            return {error.detail() == "storage_full" ? Fault::storage_full : Fault::slow_down};
        case Code::unavailable:
            return {Fault::service_unavailable};
        case Code::unimplemented:
            return {Fault::not_implemented, error.message()};
        // An entry without its bytes: to say 404 would make clients believe it never existed.
        case Code::gone:
            if (error.detail() != "no_such_object") return {Fault::no_such_bucket};
            return {Fault::internal_error, "The object's data is missing from the object store."};
        case Code::corrupted:
        case Code::internal:
            return {Fault::internal_error};
    }
    return {Fault::internal_error};
}

Failure failure_of(const signature::Refusal& refusal) {
    using enum signature::Reason;
    const auto with = [&refusal](Fault fault) {
        return Failure{fault, refusal.message, refusal.details};
    };
    switch (refusal.reason) {
        case no_signature:
        case no_date:
        case not_valid_yet:
        case expired:
        case headers_not_signed:
            return with(Fault::access_denied);
        case two_mechanisms:
        case unknown_scheme:
        case payload_unknown:
            return with(Fault::invalid_argument);
        case header_malformed:
            return with(Fault::authorization_header_malformed);
        case query_malformed:
            return with(Fault::authorization_query_malformed);
        case skewed:
            return with(Fault::request_time_too_skewed);
        case mismatch:
            return with(Fault::signature_does_not_match);
        case payload_unsupported:
            return with(Fault::not_implemented);
    }
    return {Fault::access_denied};
}

}  // namespace tarn::s3
