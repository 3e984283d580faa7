#include "signature/chunk_decoder.h"

#include <algorithm>

#include "base/bytes.h"
#include "base/error.h"
#include "signature/internal/escape.h"

namespace tarn::signature {
namespace {

constexpr std::size_t head_bytes_max = 1024;
constexpr std::size_t trailer_bytes_max = 16 * 1024;

[[noreturn]] void fail(const char* detail, const char* why) {
    throw Error(Code::invalid_argument, why, detail);
}

}  // namespace

ChunkDecoder::ChunkDecoder(Form form) : form_(form) {}

// Gathers a line into `line_` without its end; false when the input ends first.
bool ChunkDecoder::take_line(std::string_view& input, std::size_t limit, const char* detail) {
    const auto end = input.find('\n');
    const auto piece = input.substr(0, end);
    if (line_.size() + piece.size() > limit) fail(detail, "a line of the chunked body is too long");
    line_.append(piece);
    if (end == input.npos) {
        input = {};
        return false;
    }
    input.remove_prefix(end + 1);
    if (line_.ends_with('\r')) line_.pop_back();
    return true;
}

void ChunkDecoder::read_head() {
    std::uint64_t size = 0;
    std::size_t at = 0;
    for (; at < line_.size() && internal::hex_digit(line_[at]) >= 0; ++at) {
        if (at == 15) fail("malformed_chunk", "the size of a chunk is too large");
        size = size * 16 + static_cast<std::uint64_t>(internal::hex_digit(line_[at]));
    }
    if (at == 0) fail("malformed_chunk", "a chunk does not begin with its size");
    signature_.clear();
    const auto extension = std::string_view(line_).substr(at);
    constexpr std::string_view signature_name = ";chunk-signature=";
    if (form_.is_signed) {
        if (!extension.starts_with(signature_name) ||
            extension.size() != signature_name.size() + 64) {
            fail("malformed_chunk", "a chunk has no signature");
        }
        signature_ = extension.substr(signature_name.size());
    } else if (!extension.empty() && extension[0] != ';') {
        fail("malformed_chunk", "a chunk's size is no hexadecimal number");
    }
    if (size > form_.decoded_length - decoded_) {
        fail("incomplete_body", "the body is longer than x-amz-decoded-content-length");
    }
    left_ = size;
    line_.clear();
}

ChunkDecoder::Event ChunkDecoder::read_trailer_line() {
    const std::string line = std::exchange(line_, {});
    if (line.empty()) {
        state_ = State::done;
        return Event::end;
    }
    trailer_bytes_ += line.size() + 1;
    if (trailer_bytes_ > trailer_bytes_max) {
        fail("malformed_trailer", "the trailer is too long");
    }
    const auto colon = line.find(':');
    if (!form_.has_trailer || colon == line.npos || colon == 0) {
        fail("malformed_trailer", "a line of the trailer is no header field");
    }
    auto name = to_lower(trim(std::string_view(line).substr(0, colon)));
    std::string value(trim(std::string_view(line).substr(colon + 1)));
    if (name == "x-amz-trailer-signature") {
        if (trailer_signature_) fail("malformed_trailer", "the trailer is signed twice");
        trailer_signature_ = std::move(value);
        return Event::need_more;
    }
    if (trailer_signature_) fail("malformed_trailer", "a trailer follows its signature");
    signed_trailer_.append(name).append(":").append(value).append("\n");
    trailer_.emplace_back(std::move(name), std::move(value));
    return Event::need_more;
}

ChunkDecoder::Event ChunkDecoder::next(std::string_view& input) {
    while (!input.empty()) {
        switch (state_) {
            case State::head:
                if (!take_line(input, head_bytes_max, "malformed_chunk")) break;
                read_head();
                if (left_ > 0) {
                    state_ = State::data;
                    break;
                }
                state_ = State::trailer;
                return Event::chunk_end;
            case State::data: {
                data_ = input.substr(0, left_);
                input.remove_prefix(data_.size());
                left_ -= data_.size();
                decoded_ += data_.size();
                if (left_ == 0) state_ = State::data_end;
                return Event::data;
            }
            case State::data_end:
                state_ = State::after_data;
                return Event::chunk_end;
            case State::after_data:
                if (!take_line(input, 2, "malformed_chunk")) break;
                if (!line_.empty()) fail("malformed_chunk", "a chunk is longer than its size");
                state_ = State::head;
                break;
            case State::trailer:
                if (!take_line(input, trailer_bytes_max, "malformed_trailer")) break;
                if (read_trailer_line() == Event::end) return Event::end;
                break;
            case State::done:
                fail("malformed_chunk", "bytes follow the last chunk");
        }
    }
    return Event::need_more;
}

void ChunkDecoder::finish() {
    // Some clients leave out the empty line behind the last one.
    const bool at_end = state_ == State::done || (state_ == State::trailer && line_.empty());
    if (!at_end) fail("incomplete_body", "the chunked body ends before its last chunk");
    if (decoded_ != form_.decoded_length) {
        fail("incomplete_body", "the body is shorter than x-amz-decoded-content-length");
    }
}

}  // namespace tarn::signature
