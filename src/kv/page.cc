#include "kv/page.h"

#include <algorithm>
#include <utility>

namespace tarn::kv {
namespace {

constexpr int scan_rows_max = 1'000;

}  // namespace

Task<RowPage> list_rows(Store& store, std::string partition, std::string prefix, std::string within,
                        std::string after, int limit, Keep keep) {
    const std::string begin = prefix + within;
    const std::string passed = prefix + after;
    std::string from = std::max(begin, passed);
    const int rows = std::clamp(limit + 2, 2, scan_rows_max);
    RowPage page;
    while (true) {
        auto pairs = co_await store.scan(partition, from, rows);
        for (Pair& pair : pairs) {
            if (!pair.name.starts_with(begin)) co_return page;
            if (!after.empty() && pair.name <= passed) continue;
            from = pair.name;
            pair.name.erase(0, prefix.size());
            if (keep && !keep(pair)) continue;
            if (page.items.size() == static_cast<std::size_t>(limit)) {
                page.more = true;
                co_return page;
            }
            page.items.push_back(std::move(pair));
        }
        if (pairs.size() < static_cast<std::size_t>(rows)) co_return page;
        from.push_back('\0');
    }
}

}  // namespace tarn::kv
