#include "http/internal/body_reader.h"

#include <algorithm>
#include <cstring>
#include <limits>
#include <utility>

namespace tarn::http {

void ReadBuffer::consume(std::size_t bytes) {
    begin_ += bytes;
    if (begin_ == end_) begin_ = end_ = floor_;
}

void ReadBuffer::reserve(std::size_t bytes) {
    if (capacity_ - end_ >= bytes) return;
    const std::size_t kept = end_ - begin_;
    CHECK(floor_ == 0, "a head in use does not move");
    const std::size_t wanted = std::max({first_bytes, kept + bytes, kept * 2});
    if (wanted > capacity_) {
        auto larger = std::make_unique_for_overwrite<char[]>(wanted);
        if (kept > 0) std::memcpy(larger.get(), data_.get() + begin_, kept);
        data_ = std::move(larger);
        capacity_ = wanted;
    } else if (kept > 0) {
        std::memmove(data_.get(), data_.get() + begin_, kept);
    }
    begin_ = 0;
    end_ = kept;
}

void ReadBuffer::keep_head(std::size_t bytes) {
    CHECK(begin_ == 0, "a head stands at the beginning");
    floor_ = bytes;
    consume(bytes);
}

void ReadBuffer::drop_head() {
    const std::size_t kept = end_ - begin_;
    if (kept == 0 && capacity_ > first_bytes) {
        data_.reset();
        capacity_ = 0;
    } else if (kept > 0) {
        std::memmove(data_.get(), data_.get() + begin_, kept);
    }
    floor_ = 0;
    begin_ = 0;
    end_ = kept;
}

void BodyReader::begin(Framing framing, std::uint64_t length, std::uint64_t bytes_max) {
    framing_ = framing;
    left_ = framing == Framing::fixed ? length : 0;
    total_ = 0;
    bytes_max_ = bytes_max == 0 ? std::numeric_limits<std::uint64_t>::max() : bytes_max;
    chunks_ = ChunkDecoder();
    at_end_ = framing == Framing::none || (framing == Framing::fixed && length == 0);
    is_broken_ = false;
}

void BodyReader::fail(Error error) {
    is_broken_ = true;
    throw error;
}

// How much data may be taken before framing comes.
std::size_t BodyReader::data_now() const {
    std::uint64_t now = std::numeric_limits<std::size_t>::max();
    if (framing_ == Framing::fixed) now = left_;
    if (framing_ == Framing::chunked) now = chunks_.data_left();
    return static_cast<std::size_t>(now);
}

void BodyReader::took(std::size_t bytes) {
    total_ += bytes;
    if (framing_ == Framing::fixed) {
        left_ -= bytes;
        at_end_ = left_ == 0;
    } else if (framing_ == Framing::chunked) {
        chunks_.took(bytes);
    }
    if (total_ > bytes_max_) {
        fail(Error(Code::invalid_argument, "the body is larger than the limit", "too_large"));
    }
}

// Reads from the channel; 0 at its end where the body may end with it.
Task<std::size_t> BodyReader::receive(std::span<char> into, std::chrono::milliseconds limit) {
    const IoResult got = co_await channel_->read(into, limit);
    if (got.status == IoStatus::ok) co_return got.bytes;
    if (got.status == IoStatus::ended && framing_ == Framing::until_close) {
        at_end_ = true;
        co_return 0;
    }
    if (got.status == IoStatus::timed_out) {
        fail(Error(Code::unavailable, "no byte of the body came in time", "timeout"));
    }
    fail(Error(Code::unavailable, "the sender went away before the body's end"));
}

Task<void> BodyReader::read_framing(std::chrono::milliseconds limit) {
    if (buffer_->empty()) {
        const std::size_t size = co_await receive(buffer_->room(), limit);
        buffer_->filled(size);
    }
    const std::size_t used = chunks_.feed(buffer_->view());
    buffer_->consume(used);
    if (chunks_.state() == ChunkDecoder::State::bad) {
        fail(Error(Code::invalid_argument, "the framing of the chunked body is malformed"));
    }
    at_end_ = chunks_.state() == ChunkDecoder::State::end;
}

Task<std::size_t> BodyReader::fill(std::span<char> into, std::chrono::milliseconds limit,
                                   bool whole) {
    constexpr std::size_t direct_bytes_min =
        4 * 1024;  // below, framing is read along with the data
    if (is_broken_) fail(Error(Code::unavailable, "the body broke off"));
    std::size_t done = 0;
    while (done < into.size() && !at_end_) {
        const bool needs_framing =
            framing_ == Framing::chunked && chunks_.state() != ChunkDecoder::State::data;
        if (!whole && done > 0 && buffer_->empty()) break;
        if (needs_framing) {
            co_await read_framing(limit);
            continue;
        }
        const std::size_t wanted = std::min(into.size() - done, data_now());
        if (buffer_->empty() && framing_ == Framing::chunked && wanted < direct_bytes_min) {
            const std::size_t size = co_await receive(buffer_->room(), limit);
            buffer_->filled(size);
        }
        std::size_t size = std::min(wanted, buffer_->view().size());
        if (size > 0) {
            std::memcpy(into.data() + done, buffer_->view().data(), size);
            buffer_->consume(size);
        } else {
            size = co_await receive(into.subspan(done, wanted), limit);
        }
        done += size;
        took(size);
    }
    // The end of a chunked body is looked for at once, so that its last piece is known to be the
    // last.
    while (framing_ == Framing::chunked && !at_end_ && !buffer_->empty() &&
           chunks_.state() != ChunkDecoder::State::data) {
        co_await read_framing(limit);
    }
    co_return done;
}

}  // namespace tarn::http
