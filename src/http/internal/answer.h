#pragma once

#include <chrono>
#include <cstdint>
#include <string>

#include "base/buffer_pool.h"
#include "base/workers.h"
#include "http/internal/channel.h"
#include "http/internal/serialize.h"
#include "http/response.h"

namespace tarn::http {

// Sends one response.
// Shape     Head and a body in memory leave in one call. Of files, up to 64 KiB leave with the
// head;
//           larger ones by sendfile, or through a pooled buffer under TLS. What is not in the page
//           cache is read on a worker first. Streams go piece by piece.
// Lifetime  Everything given outlives the task.
class Answer {
public:
    struct Tools {
        Channel& channel;
        Workers& workers;
        BufferPool& buffers;
        std::string& head;  // memory for the head
        std::chrono::milliseconds write_timeout;
    };

    explicit Answer(Tools tools) : tools_(tools) {}

    // `with_body`: false for HEAD and for statuses that have none. False when the connection is of
    // no more use: the client went away, took nothing for too long, or the body broke off.
    Task<bool> send(Response& response, const HeadFacts& facts, bool with_body);

    // Bytes of the body that were sent.
    std::uint64_t body_bytes() const { return body_bytes_; }

private:
    Task<bool> send_text(const std::string& text);
    Task<bool> send_small_file(const FileRange& range);
    Task<bool> send_file(FileRange range);
    Task<bool> send_file_tls(FileRange range);
    Task<bool> send_stream(ByteSource& source, const HeadFacts& facts);
    Task<bool> send_pieces(ByteSource& source, const HeadFacts& facts);
    Task<bool> write(Parts parts);
    // Reads a whole stretch: in place when it is in the page cache, else on a worker. False: too
    // short.
    Task<bool> read_file(const FileRange& range, std::span<char> into);
    // Makes sure that a stretch is in the page cache.
    Task<void> warm(const FileRange& range);

    Tools tools_;
    std::uint64_t body_bytes_ = 0;
};

}  // namespace tarn::http
