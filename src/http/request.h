#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/stream.h"

namespace tarn::http {

// A header field as it stands in the connection's read buffer.
using FieldView = std::pair<std::string_view, std::string_view>;

// One request, its body still on the wire.
//
// Shape     `target` is the request line's raw bytes ("/repo/main/a//b/../c%2Fd?x=y"): nothing is
//           decoded or normalised. Field names keep their case; `find` ignores it.
// Lifetime  Views are valid until the handler's task ends.
// Threads   The connection's context only.
class Request {
public:
    virtual ~Request() = default;

    virtual std::string_view method() const = 0;
    virtual std::string_view target() const = 0;
    virtual std::span<const FieldView> fields() const = 0;
    virtual std::string_view peer_address() const = 0;  // "127.0.0.1"
    virtual bool is_tls() const = 0;

    // An id for logs and answers, unique to this request: a UUID; its first 16 hexadecimal digits
    // in upper case serve as Amazon's request id.
    virtual std::string_view id() const = 0;

    // The body. Asking for it is what sends "100 Continue" where the client waits for that; size()
    // is the Content-Length, nothing for a chunked body. What is not read is skipped, or the
    // connection closed.
    virtual ByteSource& body() = 0;

    // The path: the target up to the first question mark; the query: what follows it.
    std::string_view path() const;
    std::string_view query() const;
    // The first value of that name, and all of them; surrounding white space removed.
    std::optional<std::string_view> find(std::string_view name) const;
    std::vector<std::string_view> find_all(std::string_view name) const;
    // The Host field without a port; empty when absent.
    std::string_view host() const;
};

// One `name=value` of a query string, percent-decoded; `plus` tells whether + means a space (forms,
// REST) or itself (S3 signatures read it raw).
struct QueryItem {
    std::string name;
    std::string value;
    bool has_value = false;  // "acl" and "acl=" are told apart
};
// Items in their order. Nothing when an escape is malformed.
std::optional<std::vector<QueryItem>> parse_query(std::string_view query, bool plus_is_space);

}  // namespace tarn::http
