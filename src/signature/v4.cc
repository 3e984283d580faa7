#include "signature/v4.h"

#include <algorithm>
#include <array>
#include <functional>
#include <mutex>

#include "base/bytes.h"

namespace tarn::signature {
namespace {

struct Remembered {
    std::string access_key;
    std::string secret;
    std::string date;
    std::string region;
    Sha256Digest key{};
};

constexpr std::size_t slots = 1024;
constexpr std::size_t locks = 16;

std::string string_to_sign(const Claim& claim, std::string_view canonical) {
    std::string text;
    text.reserve(192);
    text.append("AWS4-HMAC-SHA256\n").append(claim.timestamp).append("\n");
    text.append(claim.scope()).append("\n").append(to_hex(as_view(sha256(canonical))));
    return text;
}

// What is present and must be under the signature, but is not.
std::string unsigned_headers(const Message& message, const Claim& claim) {
    std::string missing;
    const auto is_signed = [&claim](std::string_view name) {
        return std::ranges::any_of(claim.signed_headers, [name](const std::string& known) {
            return equals_ignoring_case(known, name);
        });
    };
    for (const auto& [name, value] : message.fields) {
        const bool required =
            (name.size() > 6 && equals_ignoring_case(name.substr(0, 6), "x-amz-")) ||
            equals_ignoring_case(name, "host");
        if (!required || is_signed(name)) continue;
        if (!missing.empty()) missing += ", ";
        missing += to_lower(name);
    }
    return missing;
}

// The Host without a default port, which some clients leave out of what they sign.
std::string_view without_default_port(std::string_view host) {
    for (const std::string_view port : {":80", ":443"}) {
        if (host.ends_with(port)) return host.substr(0, host.size() - port.size());
    }
    return {};
}

Refusal mismatch(const Claim& claim, const std::string& canonical, const std::string& signed_text) {
    return {Reason::mismatch,
            "The request signature we calculated does not match the signature you provided. Check "
            "your key and signing method.",
            {{"AWSAccessKeyId", claim.access_key},
             {"StringToSign", signed_text},
             {"SignatureProvided", claim.signature},
             {"CanonicalRequest", canonical}}};
}

}  // namespace

struct SigningKeys::State {
    std::array<Remembered, slots> keys;
    std::array<std::mutex, locks> mutexes;
};

SigningKeys::SigningKeys() : state_(std::make_unique<State>()) {}
SigningKeys::~SigningKeys() = default;

Sha256Digest signing_key(const Secret& secret, std::string_view date, std::string_view region) {
    auto key = hmac_sha256("AWS4" + secret.reveal(), date);
    key = hmac_sha256(as_view(key), region);
    key = hmac_sha256(as_view(key), "s3");
    return hmac_sha256(as_view(key), "aws4_request");
}

Sha256Digest SigningKeys::get(std::string_view access_key, const Secret& secret,
                              std::string_view date, std::string_view region) {
    const std::hash<std::string_view> hash;
    const std::size_t slot = (hash(access_key) ^ hash(date) * 3 ^ hash(region) * 7) % slots;
    const std::lock_guard lock(state_->mutexes[slot % locks]);
    auto& kept = state_->keys[slot];
    if (kept.access_key != access_key || kept.date != date || kept.region != region ||
        kept.secret != secret.reveal()) {
        kept = {std::string(access_key), secret.reveal(), std::string(date), std::string(region),
                signing_key(secret, date, region)};
    }
    return kept.key;
}

Checked<Seed> verify_v4(const Message& message, const Claim& claim, const Secret& secret,
                        SigningKeys& keys) {
    if (auto missing = unsigned_headers(message, claim); !missing.empty()) {
        return std::unexpected(
            Refusal{Reason::headers_not_signed,
                    "There were headers present in the request which were not signed",
                    {{"HeadersNotSigned", std::move(missing)}}});
    }
    Seed seed{keys.get(claim.access_key, secret, claim.date, claim.region), claim.timestamp,
              claim.scope(), claim.signature};
    const auto host = without_default_port(message.find("host").value_or(""));
    std::string canonical, signed_text;
    std::string first_canonical;
    for (const std::string_view other_host : {std::string_view(), host}) {
        for (const bool raw_path : {false, true}) {
            canonical = canonical_request(message, claim, raw_path, other_host);
            if (canonical == first_canonical) continue;
            signed_text = string_to_sign(claim, canonical);
            const auto signature = hmac_sha256(as_view(seed.key), signed_text);
            if (equals_in_constant_time(to_hex(as_view(signature)), to_lower(claim.signature))) {
                return seed;
            }
            if (first_canonical.empty()) first_canonical = canonical;
        }
        if (host.empty()) break;
    }
    return std::unexpected(
        mismatch(claim, first_canonical, string_to_sign(claim, first_canonical)));
}

}  // namespace tarn::signature
