// The parsers of what clients send: a request's head and a chunked body. The first byte tells
// which.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <utility>

#include "base/error.h"
#include "http/internal/chunked.h"
#include "http/internal/head.h"

namespace {

using namespace tarn;

void read_head(std::string_view bytes) {
    http::HeadScanner whole;
    http::HeadScanner in_pieces;
    auto found = http::HeadScanner::Found::more;
    for (std::size_t size = 1; size <= bytes.size() && found == http::HeadScanner::Found::more;
         ++size) {
        found = in_pieces.scan(bytes.substr(0, size));
    }
    const bool same = bytes.empty() || whole.scan(bytes) == found;
    CHECK(same, "a head's end does not depend on how the bytes arrive");
    if (found != http::HeadScanner::Found::end) return;
    http::RequestHead request;
    const std::string_view head = bytes.substr(0, whole.head_bytes());
    if (http::parse_request_head(head, 1024, request) == 0) {
        CHECK(!request.target.empty(), "a good head has a target");
    }
    http::ResponseHead response;
    http::parse_response_head(head, "GET", response);
}

// Decodes in pieces of `step` bytes; returns where it ended and how.
std::pair<std::size_t, http::ChunkDecoder::State> decode(std::string_view bytes, std::size_t step) {
    http::ChunkDecoder decoder;
    std::size_t at = 0;
    while (at < bytes.size()) {
        const std::string_view piece = bytes.substr(at, step);
        std::size_t used = 0;
        if (decoder.state() == http::ChunkDecoder::State::data) {
            used = static_cast<std::size_t>(
                std::min<std::uint64_t>(piece.size(), decoder.data_left()));
            decoder.took(used);
        } else {
            used = decoder.feed(piece);
        }
        if (used == 0) break;
        at += used;
    }
    return {at, decoder.state()};
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return 0;
    const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
    if (data[0] % 2 == 0) {
        read_head(bytes);
    } else {
        CHECK(decode(bytes, 1) == decode(bytes, size),
              "a body does not depend on how its bytes arrive");
    }
    return 0;
}
