#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string_view>

#include "base/error.h"
#include "base/task.h"
#include "http/internal/channel.h"
#include "http/internal/chunked.h"
#include "http/internal/head.h"

namespace tarn::http {

// Bytes that have arrived and are not used up. Below `floor` lies the head in use, which stays
// where it is until `drop_head`.
class ReadBuffer {
public:
    static constexpr std::size_t first_bytes = 8 * 1024;

    std::string_view view() const { return {data_.get() + begin_, end_ - begin_}; }
    bool empty() const { return begin_ == end_; }
    void consume(std::size_t bytes);
    // Where more may be read to; `filled` tells how much came.
    std::span<char> room() { return {data_.get() + end_, capacity_ - end_}; }
    void filled(std::size_t bytes) { end_ += bytes; }

    // Makes sure that `bytes` more fit behind what is there; views are void afterwards.
    void reserve(std::size_t bytes);
    std::size_t capacity() const { return capacity_; }
    // Takes the first `bytes` as the head: consumed, but kept.
    void keep_head(std::size_t bytes);
    void drop_head();

private:
    std::unique_ptr<char[]> data_;
    std::size_t capacity_ = 0;
    std::size_t floor_ = 0;
    std::size_t begin_ = 0;
    std::size_t end_ = 0;
};

// Takes a message's body off a channel.
// Lifetime  Channel and buffer outlive it.
class BodyReader {
public:
    BodyReader(Channel& channel, ReadBuffer& buffer) : channel_(&channel), buffer_(&buffer) {}

    // `bytes_max`: for bodies of unknown size; 0: no limit.
    void begin(Framing framing, std::uint64_t length, std::uint64_t bytes_max);

    bool at_end() const { return at_end_; }
    // The framing cannot be followed any more: nothing behind the body can be read.
    bool is_broken() const { return is_broken_; }
    Framing framing() const { return framing_; }
    // Fixed bodies: bytes that are still to come.
    std::uint64_t left() const { return left_; }

    // Fills `into` completely, unless the body ends before, or with `whole` false as soon as
    // nothing more has arrived. Returns the number of bytes; 0 at the end. Errors invalid_argument:
    // bad framing; detail "too_large": more than bytes_max. unavailable: the
    //         sender went away; detail "timeout": it sent nothing for `limit`.
    Task<std::size_t> fill(std::span<char> into, std::chrono::milliseconds limit, bool whole);

private:
    Task<std::size_t> receive(std::span<char> into, std::chrono::milliseconds limit);
    Task<void> read_framing(std::chrono::milliseconds limit);
    std::size_t data_now() const;
    void took(std::size_t bytes);
    [[noreturn]] void fail(Error error);

    Channel* channel_;
    ReadBuffer* buffer_;
    Framing framing_ = Framing::none;
    std::uint64_t left_ = 0;
    std::uint64_t total_ = 0;
    std::uint64_t bytes_max_ = 0;
    ChunkDecoder chunks_;
    bool at_end_ = true;
    bool is_broken_ = false;
};

}  // namespace tarn::http
