#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/digest.h"
#include "base/stream.h"
#include "base/workers.h"
#include "block/lane.h"

namespace tarn::block {

// Passes a body on and computes its MD5 on the way, large bodies on workers.
// Lifetime  Await `finish` before the end of it, also when the body failed.
class DigestingSource final : public ByteSource {
public:
    DigestingSource(Workers& workers, ByteSource& body);

    Task<Slice> next() override;
    std::optional<std::uint64_t> size() const override { return body_.size(); }

    // Waits for the digest; no piece is read or held any more.
    Task<void> finish();
    // The MD5 in hexadecimal, once `next` has returned the end of the body.
    std::string hex_digest();

private:
    ByteSource& body_;
    Md5 digest_;
    Lane lane_;
    const bool in_place_;
};

}  // namespace tarn::block
