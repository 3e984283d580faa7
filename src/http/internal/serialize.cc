#include "http/internal/serialize.h"

#include <array>
#include <charconv>

#include "base/bytes.h"

namespace tarn::http {

// NOLINTNEXTLINE(readability-function-size): a table.
std::string_view reason_of(int status) {
    switch (status) {
        case 100:
            return "Continue";
        case 101:
            return "Switching Protocols";
        case 200:
            return "OK";
        case 201:
            return "Created";
        case 202:
            return "Accepted";
        case 204:
            return "No Content";
        case 206:
            return "Partial Content";
        case 301:
            return "Moved Permanently";
        case 302:
            return "Found";
        case 303:
            return "See Other";
        case 304:
            return "Not Modified";
        case 307:
            return "Temporary Redirect";
        case 308:
            return "Permanent Redirect";
        case 400:
            return "Bad Request";
        case 401:
            return "Unauthorized";
        case 402:
            return "Payment Required";
        case 403:
            return "Forbidden";
        case 404:
            return "Not Found";
        case 405:
            return "Method Not Allowed";
        case 406:
            return "Not Acceptable";
        case 408:
            return "Request Timeout";
        case 409:
            return "Conflict";
        case 410:
            return "Gone";
        case 411:
            return "Length Required";
        case 412:
            return "Precondition Failed";
        case 413:
            return "Content Too Large";
        case 414:
            return "URI Too Long";
        case 415:
            return "Unsupported Media Type";
        case 416:
            return "Range Not Satisfiable";
        case 417:
            return "Expectation Failed";
        case 420:
            return "Enhance Your Calm";
        case 422:
            return "Unprocessable Content";
        case 423:
            return "Locked";
        case 424:
            return "Failed Dependency";
        case 428:
            return "Precondition Required";
        case 429:
            return "Too Many Requests";
        case 431:
            return "Request Header Fields Too Large";
        case 500:
            return "Internal Server Error";
        case 501:
            return "Not Implemented";
        case 502:
            return "Bad Gateway";
        case 503:
            return "Service Unavailable";
        case 504:
            return "Gateway Timeout";
        case 505:
            return "HTTP Version Not Supported";
        case 507:
            return "Insufficient Storage";
        default:
            return "Unknown";
    }
}

void append_decimal(std::string& out, std::uint64_t number) {
    std::array<char, 20> digits;
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr;
    out.append(digits.data(), end);
}

void append_field(std::string& out, std::string_view name, std::string_view value) {
    out.append(name);
    out.append(": ");
    const std::size_t begin = out.size();
    out.append(value);
    for (std::size_t at = begin; at < out.size(); ++at) {
        const auto byte = static_cast<unsigned char>(out[at]);
        if ((byte < 0x20 && byte != '\t') || byte == 0x7f) out[at] = ' ';
    }
    out.append("\r\n");
}

namespace {

// Fields that only the connection may set.
bool is_ours(std::string_view name) {
    return equals_ignoring_case(name, "Connection") ||
           equals_ignoring_case(name, "Content-Length") ||
           equals_ignoring_case(name, "Transfer-Encoding") ||
           equals_ignoring_case(name, "Keep-Alive");
}

}  // namespace

void append_response_head(std::string& out, const Response& response, const HeadFacts& facts) {
    out.append("HTTP/1.1 ");
    append_decimal(out, static_cast<std::uint64_t>(response.status));
    out.push_back(' ');
    out.append(reason_of(response.status));
    out.append("\r\n");

    bool has_date = false;
    bool has_server = false;
    for (const auto& [name, value] : response.fields.all()) {
        if (is_ours(name)) continue;
        has_date |= equals_ignoring_case(name, "Date");
        has_server |= equals_ignoring_case(name, "Server");
        append_field(out, name, value);
    }
    if (!has_server) out.append("Server: Tarn\r\n");
    if (!has_date) append_field(out, "Date", facts.date);
    if (facts.content_length) {
        out.append("Content-Length: ");
        append_decimal(out, *facts.content_length);
        out.append("\r\n");
    } else if (facts.chunked) {
        out.append("Transfer-Encoding: chunked\r\n");
    }
    if (facts.close) {
        out.append("Connection: close\r\n");
    } else if (facts.keep_alive_said) {
        out.append("Connection: keep-alive\r\n");
    }
    out.append("\r\n");
}

void append_request_head(std::string& out, const OutgoingRequest& request, std::string_view host) {
    out.append(request.method).append(" ").append(request.target).append(" HTTP/1.1\r\n");
    if (!request.fields.find("Host")) append_field(out, "Host", host);
    for (const auto& [name, value] : request.fields.all()) {
        if (!is_ours(name)) append_field(out, name, value);
    }
    const bool may_have_body =
        request.method == "PUT" || request.method == "POST" || request.method == "PATCH";
    if (request.body == nullptr) {
        if (may_have_body) out.append("Content-Length: 0\r\n");
    } else if (const auto size = request.body->size()) {
        out.append("Content-Length: ");
        append_decimal(out, *size);
        out.append("\r\n");
    } else {
        out.append("Transfer-Encoding: chunked\r\n");
    }
    out.append("\r\n");
}

}  // namespace tarn::http
