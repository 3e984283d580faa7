#pragma once

#include <fmt/format.h>

#include <chrono>
#include <string>
#include <string_view>

#include "base/error.h"
#include "base/log.h"
#include "kv/page.h"
#include "versions/stores.h"

namespace tarn::catalog {

// The message in the bytes of a row. Errors  corrupted.
template <class Message>
Message decode_row(std::string_view bytes, std::string_view what) {
    Message message;
    if (!message.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) {
        throw Error(Code::corrupted, fmt::format("the record of {} is not what it must be", what));
    }
    return message;
}

// Removes the rows of a partition under `prefix` whose time is more than a day ago. Rows that
// cannot be read stay.
inline Task<void> remove_rows_of_yesterday(versions::Stores& stores, std::string partition,
                                           std::string prefix, Time (*time_of)(std::string_view)) {
    constexpr std::chrono::hours day{24};
    constexpr int page_rows = 200;
    const Time now = stores.clock.now();
    std::string after;
    bool more = true;
    while (more) {
        const auto page =
            co_await kv::list_rows(stores.kv, partition, prefix, "", after, page_rows, nullptr);
        for (const kv::Pair& row : page.items) {
            bool old = false;
            try {
                old = now - time_of(row.value) > day;
            } catch (const Error& error) {
                log::warning("row '{}' of '{}': {}", row.name, partition, error.message());
            }
            kv::Key key{partition, prefix + row.name};
            if (old) co_await kv::remove(stores.kv, std::move(key));
        }
        more = page.more && !page.items.empty();
        if (more) after = page.items.back().name;
    }
}

}  // namespace tarn::catalog
