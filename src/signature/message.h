#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>

namespace tarn::signature {

// A header field as it stands in the message.
using FieldView = std::pair<std::string_view, std::string_view>;

// What is signed of an HTTP request. Nothing is decoded: path and query are the raw bytes of the
// target, before and after the first question mark.
struct Message {
    std::string_view method;
    std::string_view path;
    std::string_view query;
    std::span<const FieldView> fields;
    std::string_view virtual_bucket;  // the bucket named by Host, or empty (SigV2 signs it)

    // The first value of that name, without surrounding white space.
    std::optional<std::string_view> find(std::string_view name) const;
};

// One name and value of a query, decoded; a plus sign is a space. A malformed escape stays as it
// is.
struct QueryPair {
    std::string name;
    std::string value;
};

// Calls `take(raw_name, raw_value, has_value)` for each item of a query, undecoded.
template <class F>
void each_query_item(std::string_view query, F take) {
    while (!query.empty()) {
        const auto end = query.find('&');
        const auto item = query.substr(0, end);
        query = end == std::string_view::npos ? std::string_view() : query.substr(end + 1);
        if (item.empty()) continue;
        const auto equals = item.find('=');
        if (equals == std::string_view::npos) {
            take(item, std::string_view(), false);
        } else {
            take(item.substr(0, equals), item.substr(equals + 1), true);
        }
    }
}

// Decodes escapes and plus signs of a query's name or value.
std::string decode_query(std::string_view raw);

}  // namespace tarn::signature
