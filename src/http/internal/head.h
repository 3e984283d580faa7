#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "http/request.h"

namespace tarn::http {

// How the end of a body is found.
enum class Framing { none, fixed, chunked, until_close };

// Finds the end of a message's head while its bytes arrive, looking at each byte once.
class HeadScanner {
public:
    enum class Found { more, end, bad };

    // `bytes` begins with the head and holds all that has arrived; it only ever grows. `bad`: a
    // line does not end in CR LF.
    Found scan(std::string_view bytes);
    // The head's length with its empty line, once `end` was found.
    std::size_t head_bytes() const { return scanned_; }
    void reset() { *this = HeadScanner(); }

private:
    std::size_t scanned_ = 0;
    std::size_t line_begin_ = 0;
};

// A request's head. Views point into the bytes it was parsed from.
struct RequestHead {
    std::string_view method;
    std::string_view target;  // origin form: what stands before the path is taken off
    int minor_version = 1;    // HTTP/1.x
    std::vector<FieldView> fields;
    Framing framing = Framing::none;  // none, fixed or chunked
    std::uint64_t content_length = 0;
    bool keep_alive = true;
    bool expects_continue = false;
};

// A response's head, likewise.
struct ResponseHead {
    int status = 0;
    int minor_version = 1;
    std::vector<FieldView> fields;
    Framing framing = Framing::none;
    std::uint64_t content_length = 0;
    bool keep_alive = true;
};

inline constexpr std::size_t fields_max = 256;  // per message; 431 beyond

// Parses a whole head, as the scanner delimited it. Strict: one space between the parts of a
// request line, no folded lines, no space before a colon, no control characters, one Host, at most
// one Content-Length, never beside Transfer-Encoding. Returns 0, or the status to answer: 400, 414,
// 417, 431, 501 (transfer coding) or 505. Source  RFC 9112
int parse_request_head(std::string_view head, std::size_t target_bytes_max, RequestHead& out);

// Parses a response's head; `request_method` decides whether a body follows. False when it is
// malformed.
bool parse_response_head(std::string_view head, std::string_view request_method, ResponseHead& out);

}  // namespace tarn::http
