#include "signature/sign.h"

#include <algorithm>

#include "base/bytes.h"
#include "signature/dates.h"
#include "signature/v4.h"

namespace tarn::signature {
namespace {

std::string signature_of(const Message& message, const Claim& claim,
                         const Credentials& credentials) {
    const auto canonical = canonical_request(message, claim, false, {});
    std::string text;
    text.append("AWS4-HMAC-SHA256\n").append(claim.timestamp).append("\n");
    text.append(claim.scope()).append("\n").append(to_hex(as_view(sha256(canonical))));
    const auto key = signing_key(credentials.secret, claim.date, claim.region);
    return to_hex(as_view(hmac_sha256(as_view(key), text)));
}

Claim claim_of(const Credentials& credentials, Time now) {
    Claim claim;
    claim.access_key = credentials.access_key;
    claim.signed_at = now;
    claim.timestamp = format_timestamp(now);
    claim.date = claim.timestamp.substr(0, 8);
    claim.region = credentials.region;
    return claim;
}

std::string joined(const std::vector<std::string>& names) {
    std::string text;
    for (const auto& name : names) text.append(text.empty() ? "" : ";").append(name);
    return text;
}

}  // namespace

std::string timestamp_of(Time time) {
    return format_timestamp(time);
}

std::string sign_header(const Message& message, const Credentials& credentials, Time now) {
    Claim claim = claim_of(credentials, now);
    for (const auto& [name, value] : message.fields) {
        auto lower = to_lower(name);
        if (lower == "host" || lower == "content-type" || lower == "content-md5" ||
            lower.starts_with("x-amz-")) {
            claim.signed_headers.push_back(std::move(lower));
        }
    }
    std::ranges::sort(claim.signed_headers);
    const auto repeated = std::ranges::unique(claim.signed_headers);
    claim.signed_headers.erase(repeated.begin(), repeated.end());
    claim.payload_word = message.find("x-amz-content-sha256").value_or("UNSIGNED-PAYLOAD");
    std::string field = "AWS4-HMAC-SHA256 Credential=";
    field.append(claim.access_key).append("/").append(claim.scope());
    field.append(", SignedHeaders=").append(joined(claim.signed_headers));
    field.append(", Signature=").append(signature_of(message, claim, credentials));
    return field;
}

std::string sign_query(const Message& message, const Credentials& credentials, Time now,
                       std::chrono::seconds lifetime) {
    Claim claim = claim_of(credentials, now);
    claim.mechanism = Mechanism::v4_query;
    claim.signed_headers = {"host"};
    claim.payload_word = "UNSIGNED-PAYLOAD";
    std::string query(message.query);
    query.append(query.empty() ? "" : "&")
        .append("X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=");
    query.append(percent_encode(claim.access_key + "/" + claim.scope()));
    query.append("&X-Amz-Date=").append(claim.timestamp);
    query.append("&X-Amz-Expires=").append(std::to_string(lifetime.count()));
    query.append("&X-Amz-SignedHeaders=host");
    Message signed_message = message;
    signed_message.query = query;
    const auto signature = signature_of(signed_message, claim, credentials);
    return query + "&X-Amz-Signature=" + signature;
}

}  // namespace tarn::signature
