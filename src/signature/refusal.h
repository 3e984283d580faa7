#pragma once

#include <expected>
#include <string>
#include <utility>
#include <vector>

namespace tarn::signature {

// Why a signature is not accepted; each protocol says it in its own words.
enum class Reason {
    no_signature,         // anonymous
    two_mechanisms,       // in the header and in the query at once
    unknown_scheme,       // an Authorization field of another kind
    header_malformed,     // the Authorization field
    query_malformed,      // the parameters of a presigned URL
    no_date,              // no time of signing, or none that can be read
    skewed,               // signed too long ago or in the future
    not_valid_yet,        // presigned, from the future
    expired,              // presigned
    headers_not_signed,   // what must be signed is not
    mismatch,             // the signature is another
    payload_unknown,      // x-amz-content-sha256 is neither a hash nor a known word
    payload_unsupported,  // a known word that is not offered (SigV4A)
};

// Shape  `message` is ready for clients. `details`: further facts by name, for diagnosis.
struct Refusal {
    Reason reason = Reason::no_signature;
    std::string message;
    std::vector<std::pair<std::string, std::string>> details = {};
};

template <class T>
using Checked = std::expected<T, Refusal>;

}  // namespace tarn::signature
