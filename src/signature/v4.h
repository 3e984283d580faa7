#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/digest.h"
#include "base/secret.h"
#include "signature/claim.h"

namespace tarn::signature {

// SigV4's key for one access key, day and region: derived by four HMACs, then remembered.
//
// Threads  Any.
// Limits   1,024 keys; when full, one slot's older key goes.
class SigningKeys {
public:
    SigningKeys();
    ~SigningKeys();
    Sha256Digest get(std::string_view access_key, const Secret& secret, std::string_view date,
                     std::string_view region);

private:
    struct State;
    std::unique_ptr<State> state_;
};

// The key without a memory.
Sha256Digest signing_key(const Secret& secret, std::string_view date, std::string_view region);

// What a verified SigV4 request leaves for its chunks: each is signed over the one before.
struct Seed {
    Sha256Digest key{};
    std::string timestamp;
    std::string scope;
    std::string signature;
};

// Checks a SigV4 claim against the secret of its access key.
// Errors  headers_not_signed, mismatch.
Checked<Seed> verify_v4(const Message& message, const Claim& claim, const Secret& secret,
                        SigningKeys& keys);

// Checks a SigV2 claim; nothing when it holds.
std::optional<Refusal> verify_v2(const Message& message, const Claim& claim, const Secret& secret);

// The canonical request (RFC-like text that is hashed). `raw_path`: the path goes in as sent
// instead of decoded and encoded anew; `host`: replaces the Host field's value when not empty.
std::string canonical_request(const Message& message, const Claim& claim, bool raw_path,
                              std::string_view host);

}  // namespace tarn::signature
