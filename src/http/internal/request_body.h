#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>

#include "base/buffer_pool.h"
#include "base/stream.h"
#include "http/internal/body_reader.h"

namespace tarn::http {

// A request's body, read into pooled buffers.
//
// Shape     Bodies up to 64 KiB are one slice. Larger ones come in slices of exactly 1 MiB, the
// last one
//           shorter, each at the beginning of a page-aligned buffer. Of a chunked body the first
//           slice is at most 64 KiB.
// Limits    A buffer is waited for before the socket is read, so a full pool slows senders down.
class RequestBody final : public ByteSource {
public:
    struct Limits {
        std::uint64_t bytes_max = 0;  // 0: no limit
        std::chrono::milliseconds timeout{60'000};
    };

    RequestBody(Channel& channel, ReadBuffer& buffer, BufferPool& pool, Limits limits)
        : channel_(channel),
          buffer_(buffer),
          pool_(pool),
          limits_(limits),
          reader_(channel, buffer) {}

    void begin(Framing framing, std::uint64_t length, bool expects_continue);

    Task<Slice> next() override;
    std::optional<std::uint64_t> size() const override;

    bool at_end() const { return reader_.at_end(); }
    // Whether what is left can be skipped, so that the connection may be used again.
    bool can_be_skipped() const;
    // Skips what is left; false when that failed or was too much.
    Task<bool> skip();

private:
    Task<void> send_continue();

    Channel& channel_;
    ReadBuffer& buffer_;
    BufferPool& pool_;
    Limits limits_;
    BodyReader reader_;
    std::uint64_t length_ = 0;
    bool continue_pending_ = false;
    bool is_first_ = true;
};

}  // namespace tarn::http
