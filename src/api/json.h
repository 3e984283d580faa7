#pragma once

#include <concepts>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tarn::api::wire {

// Encoders that append to a text; no tree is built. The generated structs have overloads of their
// own. Bytes that are not UTF-8 become U+FFFD, as JSON has no way to say them.
void append(std::string& out, std::string_view text);
void append(std::string& out, std::int64_t number);
inline void append(std::string& out, const std::string& text) {
    append(out, std::string_view(text));
}
inline void append(std::string& out, std::same_as<bool> auto flag) {
    out += flag ? "true" : "false";
}

// A comma, unless nothing but the opening brace has been written.
inline void comma(std::string& out) {
    if (out.back() != '{') out += ',';
}

template <class T>
void append(std::string& out, const std::vector<T>& values) {
    out += '[';
    bool first = true;
    for (const auto& value : values) {
        if (!first) out += ',';
        first = false;
        append(out, value);
    }
    out += ']';
}

template <class T>
void append(std::string& out, const std::map<std::string, T>& values) {
    out += '{';
    bool first = true;
    for (const auto& [key, value] : values) {
        if (!first) out += ',';
        first = false;
        append(out, std::string_view(key));
        out += ':';
        append(out, value);
    }
    out += '}';
}

template <class T>
void append_or_null(std::string& out, const std::optional<T>& value) {
    if (value) {
        append(out, *value);
    } else {
        out += "null";
    }
}

}  // namespace tarn::api::wire
