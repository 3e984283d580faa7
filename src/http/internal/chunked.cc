#include "http/internal/chunked.h"

#include "base/error.h"
#include "http/internal/syntax.h"

namespace tarn::http {

namespace {

constexpr std::size_t extra_bytes_max = 16 * 1024;
constexpr int digits_max = 15;  // so that no size overflows

int hex_value(char byte) {
    if (byte >= '0' && byte <= '9') return byte - '0';
    if (byte >= 'a' && byte <= 'f') return byte - 'a' + 10;
    if (byte >= 'A' && byte <= 'F') return byte - 'A' + 10;
    return -1;
}

}  // namespace

ChunkDecoder::State ChunkDecoder::state() const {
    if (step_ == Step::bad) return State::bad;
    if (step_ == Step::end) return State::end;
    return step_ == Step::data_return && data_left_ > 0 ? State::data : State::framing;
}

void ChunkDecoder::took(std::uint64_t size) {
    CHECK(size <= data_left_, "no more data may be taken than a chunk has");
    data_left_ -= size;
}

std::size_t ChunkDecoder::feed(std::string_view bytes) {
    std::size_t used = 0;
    while (used < bytes.size() && state() == State::framing) {
        step_ = advance(bytes[used]);
        ++used;
    }
    return used;
}

ChunkDecoder::Step ChunkDecoder::after_size(char byte) {
    if (byte == '\r') return Step::size_feed;
    if (byte == ';') return Step::extension;
    return Step::bad;
}

ChunkDecoder::Step ChunkDecoder::advance(char byte) {
    switch (step_) {
        case Step::size_first:
            digits_ = 0;
            data_left_ = 0;
            if (hex_value(byte) < 0) return Step::bad;
            [[fallthrough]];
        case Step::size: {
            const int digit = hex_value(byte);
            if (digit < 0) return after_size(byte);
            if (++digits_ > digits_max) return Step::bad;
            data_left_ = data_left_ * 16 + static_cast<std::uint64_t>(digit);
            return Step::size;
        }
        case Step::extension:
            if (++extra_bytes_ > extra_bytes_max) return Step::bad;
            if (byte == '\r') return Step::size_feed;
            return syntax::is(syntax::value, byte) ? Step::extension : Step::bad;
        case Step::size_feed:
            if (byte != '\n') return Step::bad;
            return data_left_ == 0 ? Step::trailer_first : Step::data_return;
        case Step::data_return:
            return byte == '\r' ? Step::data_feed : Step::bad;
        case Step::data_feed:
            return byte == '\n' ? Step::size_first : Step::bad;
        case Step::trailer_first:
            if (byte == '\r') return Step::final_feed;
            [[fallthrough]];
        case Step::trailer_name:
            if (++extra_bytes_ > extra_bytes_max) return Step::bad;
            if (byte == ':' && step_ == Step::trailer_name) return Step::trailer_value;
            return syntax::is(syntax::token, byte) ? Step::trailer_name : Step::bad;
        case Step::trailer_value:
            if (++extra_bytes_ > extra_bytes_max) return Step::bad;
            if (byte == '\r') return Step::trailer_feed;
            return syntax::is(syntax::value, byte) ? Step::trailer_value : Step::bad;
        case Step::trailer_feed:
            return byte == '\n' ? Step::trailer_first : Step::bad;
        case Step::final_feed:
            return byte == '\n' ? Step::end : Step::bad;
        case Step::end:
        case Step::bad:
            break;
    }
    return Step::bad;
}

}  // namespace tarn::http
