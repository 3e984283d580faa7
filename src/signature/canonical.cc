#include <algorithm>

#include "base/bytes.h"
#include "signature/internal/escape.h"
#include "signature/v4.h"

namespace tarn::signature {
namespace {

// Decodes and encodes anew in one pass; slashes stay, an escaped one becomes one.
void append_path(std::string& out, std::string_view path) {
    for (std::size_t at = 0; at < path.size(); ++at) {
        char byte = path[at];
        if (const auto escaped = internal::escaped_byte(path, at)) {
            byte = *escaped;
            at += 2;
        }
        if (byte == '/') {
            out += '/';
        } else {
            internal::append_escaped(out, byte);
        }
    }
}

void append_query_part(std::string& out, std::string_view raw) {
    for (std::size_t at = 0; at < raw.size(); ++at) {
        if (const auto escaped = internal::escaped_byte(raw, at)) {
            internal::append_escaped(out, *escaped);
            at += 2;
        } else {
            internal::append_escaped(out, raw[at] == '+' ? ' ' : raw[at]);
        }
    }
}

void append_query(std::string& out, std::string_view query, bool presigned) {
    if (query.empty()) return;
    std::vector<std::pair<std::string, std::string>> items;
    each_query_item(query, [&](std::string_view name, std::string_view value, bool) {
        std::pair<std::string, std::string> item;
        append_query_part(item.first, name);
        if (presigned && item.first == "X-Amz-Signature") return;
        append_query_part(item.second, value);
        items.push_back(std::move(item));
    });
    std::ranges::sort(items);
    bool first = true;
    for (const auto& [name, value] : items) {
        if (!first) out += '&';
        first = false;
        out.append(name).append("=").append(value);
    }
}

// Trimmed, with runs of spaces as one.
void append_value(std::string& out, std::string_view value) {
    value = trim(value);
    bool space = false;
    for (const char byte : value) {
        const bool is_space = byte == ' ' || byte == '\t';
        if (!is_space) {
            out += byte;
        } else if (!space) {
            out += ' ';
        }
        space = is_space;
    }
}

void append_header(std::string& out, const Message& message, std::string_view name,
                   std::string_view host) {
    out.append(name).append(":");
    if (name == "host" && !host.empty()) {
        out.append(host);
    } else {
        bool first = true;
        for (const auto& [field, value] : message.fields) {
            if (!equals_ignoring_case(field, name)) continue;
            if (!first) out += ',';
            first = false;
            append_value(out, value);
        }
    }
    out += '\n';
}

}  // namespace

std::string canonical_request(const Message& message, const Claim& claim, bool raw_path,
                              std::string_view host) {
    std::string text;
    text.reserve(1024);
    text.append(message.method).append("\n");
    if (raw_path) {
        text.append(message.path);
    } else {
        append_path(text, message.path);
    }
    text += '\n';
    append_query(text, message.query, claim.mechanism == Mechanism::v4_query);
    text += '\n';
    for (const auto& name : claim.signed_headers) append_header(text, message, name, host);
    text += '\n';
    bool first = true;
    for (const auto& name : claim.signed_headers) {
        if (!first) text += ';';
        first = false;
        text.append(name);
    }
    text.append("\n").append(claim.payload_word);
    return text;
}

}  // namespace tarn::signature
