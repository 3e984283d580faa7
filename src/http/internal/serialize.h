#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "http/client.h"
#include "http/response.h"

namespace tarn::http {

// The reason phrase of a status; "Unknown" for one without.
std::string_view reason_of(int status);

// What the connection adds to a response's own fields.
struct HeadFacts {
    std::string_view date;  // as in the Date field
    bool close = false;
    bool keep_alive_said = false;  // an HTTP/1.0 client is told that the connection stays
    bool chunked = false;
    std::optional<std::uint64_t> content_length;
};

// Appends status line and fields with the empty line. Fields that concern the connection or framing
// are replaced by what `facts` say; control characters in values become spaces.
void append_response_head(std::string& out, const Response& response, const HeadFacts& facts);

// Appends a request's head. `host` is the Host field where the request has none of its own.
void append_request_head(std::string& out, const OutgoingRequest& request, std::string_view host);

// Appends one field line.
void append_field(std::string& out, std::string_view name, std::string_view value);

// Appends a number in decimal.
void append_decimal(std::string& out, std::uint64_t number);

}  // namespace tarn::http
