#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "base/stream.h"
#include "base/workers.h"
#include "signature/checksum.h"
#include "signature/claim.h"
#include "signature/v4.h"

namespace tarn::signature {

// What a body must turn out to be.
struct BodyRules {
    Payload payload = Payload::not_signed;
    std::string sha256;                         // raw; with signed_whole
    std::optional<Seed> seed;                   // with signed chunks
    std::uint64_t decoded_length = 0;           // with chunks
    std::optional<std::string> md5;             // raw, of Content-MD5
    bool wants_md5 = true;                      // computed even without Content-MD5
    std::optional<ChecksumKind> checksum;       // to be computed
    std::optional<std::string> checksum_value;  // raw; what it must be; else the trailer says it
};

// The rules that a request's header states.
// Errors  invalid_argument, detail "invalid_digest" (Content-MD5), "invalid_checksum" (a malformed,
//         unknown, second or missing checksum), "missing_length" (chunks without
//         x-amz-decoded-content-length).
BodyRules body_rules(const Message& message, const Claim& claim, std::optional<Seed> seed);

// A request's body, freed of its frames, digested and checked while it is read.
//
// Shape    Slices are views into those of the raw body: nothing is copied.
// Threads  The reader's context. Bodies over 64 KiB are digested on workers, each digest in order,
//          digests side by side, at most four blocks ahead.
// Errors   The last `next`, which gives no more bytes, throws invalid_argument when the body is not
//          what was promised: detail "bad_digest" (MD5 or checksum), "sha256_mismatch",
//          "chunk_signature", "incomplete_body", "malformed_chunk", "malformed_trailer". So whoever
//          stores the body must take it back when the reading fails.
class VerifiedBody final : public ByteSource {
public:
    VerifiedBody(ByteSource& raw, BodyRules rules, Workers& workers);
    ~VerifiedBody() override;

    Task<Slice> next() override;
    std::optional<std::uint64_t> size() const override;

    // After the end: the MD5 in hexadecimal, and the checksum in base64 where one was asked for.
    const std::string& md5_hex() const;
    const std::optional<std::string>& checksum() const;
    std::optional<ChecksumKind> checksum_kind() const;
    // The bytes given out so far.
    std::uint64_t bytes() const;

private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace tarn::signature
