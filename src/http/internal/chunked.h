#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace tarn::http {

// Reads the framing of a chunked body; the data between it is taken by the caller.
// Limits  Extensions and trailers together up to 16 KiB; trailers are checked and dropped.
// Source  RFC 9112 section 7.1
class ChunkDecoder {
public:
    enum class State { framing, data, end, bad };

    // Consumes framing from the front of `bytes` until data or the end begins, or bytes run out;
    // returns how many it took. Not called in state `data`.
    std::size_t feed(std::string_view bytes);
    State state() const;
    // Bytes of the current chunk that have not been taken, and the taking of some.
    std::uint64_t data_left() const { return data_left_; }
    void took(std::uint64_t size);

private:
    enum class Step {
        size_first,
        size,
        extension,
        size_feed,
        data_return,
        data_feed,
        trailer_first,
        trailer_name,
        trailer_value,
        trailer_feed,
        final_feed,
        end,
        bad,
    };

    Step advance(char byte);
    Step after_size(char byte);

    Step step_ = Step::size_first;
    std::uint64_t data_left_ = 0;
    int digits_ = 0;
    std::size_t extra_bytes_ = 0;
};

}  // namespace tarn::http
