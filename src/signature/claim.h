#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "signature/message.h"
#include "signature/refusal.h"

namespace tarn::signature {

enum class Mechanism { v4_header, v4_query, v2_header, v2_query };

// How the body is protected (x-amz-content-sha256).
enum class Payload {
    not_signed,             // UNSIGNED-PAYLOAD or absent
    signed_whole,           // the SHA-256 of the body
    signed_chunks,          // STREAMING-AWS4-HMAC-SHA256-PAYLOAD
    signed_chunks_trailer,  // STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER
    plain_chunks_trailer    // STREAMING-UNSIGNED-PAYLOAD-TRAILER
};

inline bool is_chunked(Payload payload) {
    return payload == Payload::signed_chunks || payload == Payload::signed_chunks_trailer ||
           payload == Payload::plain_chunks_trailer;
}

// What a request says about who signed it and how; proved by `verify`.
struct Claim {
    Mechanism mechanism = Mechanism::v4_header;
    std::string access_key;
    std::string signature;  // as sent
    Time signed_at;
    std::chrono::seconds lifetime{0};  // of a presigned URL; 1..604800

    // SigV4 only.
    std::string timestamp;  // yyyymmddThhmmssZ
    std::string date;       // yyyymmdd
    std::string region;
    std::vector<std::string> signed_headers;  // lower case, in the order sent
    std::string payload_word;                 // as it goes into the canonical request
    Payload payload = Payload::not_signed;

    std::string scope() const;  // "<date>/<region>/s3/aws4_request"
};

struct ClockRules {
    std::chrono::seconds skew_max{900};
    std::chrono::seconds lifetime_max{604'800};
};

// Reads the claim of a request and checks its form and its times, but not yet its signature.
// Nothing is thrown: what a stranger sends is no exception.
Checked<Claim> parse_claim(const Message& message, Time now, const ClockRules& rules);

}  // namespace tarn::signature
