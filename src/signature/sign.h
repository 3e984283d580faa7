#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/secret.h"
#include "signature/message.h"

namespace tarn::signature {

struct Credentials {
    std::string access_key;
    Secret secret;
    std::string region = "us-east-1";
};

// The Authorization field of a request that goes out. `message` holds Host, x-amz-date
// (format_timestamp of `now`) and x-amz-content-sha256 already; those, every other x-amz-* field,
// content-type and content-md5 are signed.
std::string sign_header(const Message& message, const Credentials& credentials, Time now);

// The query of a presigned URL: the message's own, with the signature's parameters behind it. Only
// Host is signed.
std::string sign_query(const Message& message, const Credentials& credentials, Time now,
                       std::chrono::seconds lifetime);

}  // namespace tarn::signature
