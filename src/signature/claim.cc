#include "signature/claim.h"

#include <array>
#include <charconv>

#include "base/bytes.h"
#include "base/digest.h"
#include "signature/dates.h"

namespace tarn::signature {
namespace {

constexpr std::string_view v4_algorithm = "AWS4-HMAC-SHA256";

std::unexpected<Refusal> refuse(Reason reason, std::string message) {
    return std::unexpected(Refusal{reason, std::move(message)});
}

// The parameters of a presigned URL that are there, decoded.
struct QueryClaim {
    std::optional<std::string> algorithm, credential, date, expires, signed_headers, signature,
        content_sha256;
    std::optional<std::string> v2_key, v2_expires, v2_signature;

    bool is_v4() const { return algorithm || credential || signature; }
    bool is_v2() const { return v2_key || (v2_signature && v2_expires); }
};

QueryClaim read_query(std::string_view query) {
    QueryClaim claim;
    // Nothing of a signature is in a query without one of these letters.
    if (query.find("X-") == query.npos && query.find("AWSA") == query.npos &&
        query.find("Signature") == query.npos && query.find('%') == query.npos) {
        return claim;
    }
    const std::array<std::pair<std::string_view, std::optional<std::string>*>, 10> names{{
        {"X-Amz-Algorithm", &claim.algorithm},
        {"X-Amz-Credential", &claim.credential},
        {"X-Amz-Date", &claim.date},
        {"X-Amz-Expires", &claim.expires},
        {"X-Amz-SignedHeaders", &claim.signed_headers},
        {"X-Amz-Signature", &claim.signature},
        {"X-Amz-Content-Sha256", &claim.content_sha256},
        {"AWSAccessKeyId", &claim.v2_key},
        {"Expires", &claim.v2_expires},
        {"Signature", &claim.v2_signature},
    }};
    each_query_item(query, [&](std::string_view name, std::string_view value, bool) {
        const std::string decoded = decode_query(name);
        for (const auto& [known, slot] : names) {
            if (decoded == known && !*slot) *slot = decode_query(value);
        }
    });
    return claim;
}

std::vector<std::string> split_headers(std::string_view list) {
    std::vector<std::string> names;
    while (!list.empty()) {
        const auto end = list.find(';');
        const auto name = trim(list.substr(0, end));
        if (!name.empty()) names.push_back(to_lower(name));
        list = end == list.npos ? std::string_view() : list.substr(end + 1);
    }
    return names;
}

// Reads "<key>/<date>/<region>/s3/aws4_request"; the key itself may hold slashes.
bool read_credential(std::string_view text, Claim& claim) {
    std::array<std::string_view, 4> parts;
    for (int part = 3; part >= 0; --part) {
        const auto slash = text.rfind('/');
        if (slash == text.npos) return false;
        parts[part] = text.substr(slash + 1);
        text = text.substr(0, slash);
    }
    const auto [date, region, service, terminator] = parts;
    if (text.empty() || region.empty() || service != "s3" || terminator != "aws4_request") {
        return false;
    }
    if (date.size() != 8 || !parse_decimal(date)) return false;
    claim.access_key = text;
    claim.date = date;
    claim.region = region;
    return true;
}

bool is_hash(std::string_view text) {
    return text.size() == 64 && from_hex(text).has_value();
}

std::optional<Refusal> read_payload(std::string_view word, Claim& claim) {
    claim.payload_word = word;
    if (word == "UNSIGNED-PAYLOAD") {
        claim.payload = Payload::not_signed;
    } else if (word == "STREAMING-AWS4-HMAC-SHA256-PAYLOAD") {
        claim.payload = Payload::signed_chunks;
    } else if (word == "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER") {
        claim.payload = Payload::signed_chunks_trailer;
    } else if (word == "STREAMING-UNSIGNED-PAYLOAD-TRAILER") {
        claim.payload = Payload::plain_chunks_trailer;
    } else if (is_hash(word)) {
        claim.payload = Payload::signed_whole;
    } else if (word.starts_with("STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD")) {
        return Refusal{Reason::payload_unsupported,
                       "Signatures with AWS4-ECDSA-P256-SHA256 are not implemented."};
    } else {
        return Refusal{Reason::payload_unknown,
                       "x-amz-content-sha256 must be UNSIGNED-PAYLOAD, "
                       "STREAMING-AWS4-HMAC-SHA256-PAYLOAD or a valid sha256 value."};
    }
    return std::nullopt;
}

std::optional<Refusal> check_skew(const Claim& claim, Time now, const ClockRules& rules) {
    const auto off = now > claim.signed_at ? now - claim.signed_at : claim.signed_at - now;
    if (off <= rules.skew_max) return std::nullopt;
    return Refusal{Reason::skewed,
                   "The difference between the request time and the server's time is too large.",
                   {{"RequestTime",
                     claim.timestamp.empty() ? format_rfc3339(claim.signed_at) : claim.timestamp},
                    {"ServerTime", format_rfc3339(from_unix_seconds(unix_seconds(now)))},
                    {"MaxAllowedSkewMilliseconds", std::to_string(rules.skew_max.count() * 1000)}}};
}

Checked<Claim> parse_v4_header(const Message& message, std::string_view field, Time now,
                               const ClockRules& rules) {
    const auto malformed = [](std::string_view why) {
        return refuse(Reason::header_malformed,
                      std::string("The authorization header is malformed; ").append(why));
    };
    Claim claim;
    std::string_view credential, headers, signature;
    auto rest = field.substr(v4_algorithm.size());
    if (rest.empty() || (rest[0] != ' ' && rest[0] != '\t')) {
        return refuse(Reason::unknown_scheme, "Unsupported Authorization Type");
    }
    while (!rest.empty()) {
        const auto end = rest.find(',');
        const auto part = trim(rest.substr(0, end));
        rest = end == rest.npos ? std::string_view() : rest.substr(end + 1);
        if (part.starts_with("Credential="))
            credential = part.substr(11);
        else if (part.starts_with("SignedHeaders="))
            headers = part.substr(14);
        else if (part.starts_with("Signature="))
            signature = part.substr(10);
        else
            return malformed("Invalid component.");
    }
    if (credential.empty()) return malformed("Missing Credential.");
    if (headers.empty()) return malformed("Missing SignedHeaders.");
    if (signature.empty()) return malformed("Missing Signature.");
    if (!read_credential(credential, claim)) {
        return malformed(
            "the Credential is mal-formed; expecting "
            "\"<YOUR-AKID>/YYYYMMDD/REGION/s3/aws4_request\".");
    }
    if (!is_hash(signature)) return malformed("The signature is not 64 hexadecimal digits.");
    claim.signed_headers = split_headers(headers);
    claim.signature = signature;

    auto stamp = message.find("x-amz-date");
    if (!stamp) stamp = message.find("date");
    if (!stamp) {
        return refuse(Reason::no_date,
                      "AWS authentication requires a valid Date or x-amz-date header");
    }
    auto when = parse_timestamp(*stamp);
    if (!when) when = parse_http_date(*stamp);
    if (!when) {
        return refuse(Reason::no_date,
                      "AWS authentication requires a valid Date or x-amz-date header");
    }
    claim.signed_at = *when;
    claim.timestamp = format_timestamp(*when);
    if (!claim.timestamp.starts_with(claim.date)) {
        return malformed("Invalid credential date. Date is not the same as X-Amz-Date.");
    }
    if (auto refusal = check_skew(claim, now, rules)) return std::unexpected(std::move(*refusal));
    const auto word = message.find("x-amz-content-sha256");
    if (auto refusal = read_payload(word.value_or("UNSIGNED-PAYLOAD"), claim)) {
        return std::unexpected(std::move(*refusal));
    }
    return claim;
}

Checked<std::chrono::seconds> parse_lifetime(std::string_view text, const ClockRules& rules) {
    std::int64_t seconds = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), seconds);
    if (text.empty() || error != std::errc() || end != text.data() + text.size()) {
        return refuse(Reason::query_malformed, "X-Amz-Expires should be a number");
    }
    if (seconds < 0) return refuse(Reason::query_malformed, "X-Amz-Expires must be non-negative");
    if (seconds == 0) return refuse(Reason::query_malformed, "X-Amz-Expires must be at least 1");
    if (seconds > rules.lifetime_max.count()) {
        return refuse(Reason::query_malformed,
                      "X-Amz-Expires must be less than a week (in seconds); that is, the given "
                      "X-Amz-Expires must be less than 604800 seconds");
    }
    return std::chrono::seconds(seconds);
}

Checked<Claim> parse_v4_query(const Message& message, const QueryClaim& query, Time now,
                              const ClockRules& rules) {
    Claim claim;
    claim.mechanism = Mechanism::v4_query;
    if (!query.algorithm || !query.credential || !query.date || !query.expires ||
        !query.signed_headers || !query.signature) {
        return refuse(Reason::query_malformed,
                      "Query-string authentication version 4 requires the X-Amz-Algorithm, "
                      "X-Amz-Credential, X-Amz-Signature, X-Amz-Date, X-Amz-SignedHeaders, and "
                      "X-Amz-Expires parameters.");
    }
    if (*query.algorithm != v4_algorithm) {
        return refuse(Reason::query_malformed,
                      "X-Amz-Algorithm only supports \"AWS4-HMAC-SHA256\".");
    }
    if (!read_credential(*query.credential, claim)) {
        return refuse(Reason::query_malformed,
                      "Error parsing the X-Amz-Credential parameter; the Credential is mal-formed; "
                      "expecting \"<YOUR-AKID>/YYYYMMDD/REGION/SERVICE/aws4_request\".");
    }
    auto lifetime = parse_lifetime(*query.expires, rules);
    if (!lifetime) return std::unexpected(std::move(lifetime.error()));
    claim.lifetime = *lifetime;
    const auto when = parse_timestamp(*query.date);
    if (!when) {
        return refuse(Reason::query_malformed,
                      "X-Amz-Date must be in the ISO8601 Long Format \"yyyyMMdd'T'HHmmss'Z'\"");
    }
    claim.signed_at = *when;
    claim.timestamp = *query.date;
    if (!claim.timestamp.starts_with(claim.date)) {
        return refuse(Reason::query_malformed,
                      "Invalid credential date. Date is not the same as X-Amz-Date.");
    }
    if (claim.signed_at > now + rules.skew_max) {
        return refuse(Reason::not_valid_yet, "Request is not valid yet");
    }
    if (claim.signed_at + claim.lifetime < now) {
        return refuse(Reason::expired, "Request has expired");
    }
    claim.signed_headers = split_headers(*query.signed_headers);
    claim.signature = *query.signature;
    std::string_view word = "UNSIGNED-PAYLOAD";
    if (query.content_sha256) word = *query.content_sha256;
    if (const auto field = message.find("x-amz-content-sha256")) word = *field;
    if (auto refusal = read_payload(word, claim)) return std::unexpected(std::move(*refusal));
    return claim;
}

Checked<Claim> parse_v2_header(const Message& message, std::string_view field, Time now,
                               const ClockRules& rules) {
    Claim claim;
    claim.mechanism = Mechanism::v2_header;
    const auto credentials = trim(field.substr(4));
    const auto colon = credentials.rfind(':');
    if (colon == credentials.npos || colon == 0 || colon + 1 == credentials.size()) {
        return refuse(Reason::unknown_scheme,
                      "AWS authorization header is invalid. Expected AwsAccessKeyId:signature");
    }
    claim.access_key = credentials.substr(0, colon);
    claim.signature = credentials.substr(colon + 1);
    auto stamp = message.find("x-amz-date");
    if (!stamp) stamp = message.find("date");
    auto when = stamp ? parse_http_date(*stamp) : std::nullopt;
    if (stamp && !when) when = parse_timestamp(*stamp);
    if (!when) {
        return refuse(Reason::no_date,
                      "AWS authentication requires a valid Date or x-amz-date header");
    }
    claim.signed_at = *when;
    if (auto refusal = check_skew(claim, now, rules)) return std::unexpected(std::move(*refusal));
    // The body's hash is no part of this signature, but a chunked body is framed all the same.
    const auto word = message.find("x-amz-content-sha256");
    if (word && *word == "STREAMING-UNSIGNED-PAYLOAD-TRAILER") {
        claim.payload = Payload::plain_chunks_trailer;
    }
    return claim;
}

Checked<Claim> parse_v2_query(const QueryClaim& query, Time now) {
    Claim claim;
    claim.mechanism = Mechanism::v2_query;
    const auto expires = parse_decimal(query.v2_expires.value_or(""));
    if (!query.v2_key || query.v2_key->empty() || !query.v2_signature || !expires ||
        *expires > 253'402'300'799) {
        return refuse(Reason::query_malformed,
                      "Query-string authentication requires the Signature, Expires and "
                      "AWSAccessKeyId parameters");
    }
    claim.access_key = *query.v2_key;
    claim.signature = *query.v2_signature;
    claim.timestamp = *query.v2_expires;
    // Compared in seconds: nanoseconds of a far year do not fit into a Time.
    if (static_cast<std::int64_t>(*expires) < unix_seconds(now)) {
        return refuse(Reason::expired, "Request has expired");
    }
    claim.signed_at = now;
    return claim;
}

}  // namespace

std::string Claim::scope() const {
    return date + "/" + region + "/s3/aws4_request";
}

Checked<Claim> parse_claim(const Message& message, Time now, const ClockRules& rules) {
    const auto field = message.find("authorization");
    const QueryClaim query = read_query(message.query);
    if (field && (query.is_v4() || query.is_v2())) {
        return refuse(Reason::two_mechanisms,
                      "Only one auth mechanism allowed; only the X-Amz-Algorithm query parameter, "
                      "Signature query string parameter or the Authorization header should be "
                      "specified");
    }
    if (field) {
        if (field->starts_with(v4_algorithm)) return parse_v4_header(message, *field, now, rules);
        if (field->starts_with("AWS ")) return parse_v2_header(message, *field, now, rules);
        // A login of another protocol is worth nothing here, as if it were not there.
        if (field->starts_with("Bearer ") || field->starts_with("Basic ")) {
            return refuse(Reason::no_signature, "Access Denied");
        }
        return refuse(Reason::unknown_scheme, "Unsupported Authorization Type");
    }
    if (query.is_v4()) return parse_v4_query(message, query, now, rules);
    if (query.is_v2()) return parse_v2_query(query, now);
    return refuse(Reason::no_signature, "Access Denied");
}

}  // namespace tarn::signature
