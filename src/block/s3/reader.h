#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "base/stream.h"
#include "block/s3/client.h"
#include "signature/checksum.h"

namespace tarn::block {

// The body of an object, or a stretch of it, as it comes from the store. Where a connection breaks
// off it goes on over a new one, as long as the object is the same.
// Threads   The context that opened it.
// Lifetime  The client outlives it.
// Errors    As S3Client's; corrupted (detail "bad_checksum"): the whole is not what was put, told
//           before the last piece.
class S3Reader final : public ByteSource {
public:
    // `answer` is a good one to `request`, its body not yet read: the `size` bytes from `first` on.
    S3Reader(S3Client& client, S3Request request, S3Answer answer, std::uint64_t first,
             std::uint64_t size);

    Task<Slice> next() override;
    std::optional<std::uint64_t> size() const override { return size_; }

private:
    Task<void> reopen();
    void choose_checksum(const S3Answer& answer);

    S3Client& client_;
    S3Request request_;
    std::unique_ptr<ByteSource> body_;
    std::string etag_;
    std::uint64_t at_;  // in the object
    std::uint64_t left_;
    const std::uint64_t size_;
    int breaks_left_;
    std::optional<signature::Checksum> checksum_;
    std::string expected_;  // raw
};

}  // namespace tarn::block
