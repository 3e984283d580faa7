#pragma once

#include <string>
#include <string_view>

#include "base/stream.h"
#include "http/fields.h"

namespace tarn::http {

// One answer.
// Shape  Content-Length is added from the body's size (chunked when unknown); Date, Connection and
// Server
//        are added too. `head_only` sends the fields, with the length of `body` or of
//        `declared_size`, and no body (HEAD). 204 and 304 never have one.
struct Response {
    int status = 200;
    Fields fields;
    Body body = std::string();
    bool head_only = false;
    std::optional<std::uint64_t> declared_size;  // for head_only without a body
    bool close = false;                          // close the connection after this answer
};

// A text or JSON or XML answer in memory.
Response make_response(int status, std::string_view content_type, std::string body);

}  // namespace tarn::http
