#pragma once

#include <string>
#include <vector>

#include "api/wire/common.h"

namespace tarn::api {

// What a list says of itself; `next` is where the following page begins.
inline wire::Pagination pagination(std::size_t count, bool more, std::string next) {
    wire::Pagination out;
    out.has_more = more;
    out.next_offset = more ? std::move(next) : std::string();
    out.results = static_cast<std::int64_t>(count);
    out.max_per_page = 1000;
    return out;
}

// Of items that are continued by their id.
template <class T>
wire::Pagination pagination(const std::vector<T>& items, bool more) {
    return pagination(items.size(), more, items.empty() ? std::string() : items.back().id);
}

}  // namespace tarn::api
