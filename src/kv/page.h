#pragma once

#include <functional>
#include <string>
#include <vector>

#include "kv/store.h"

namespace tarn::kv {

// Some rows of a partition in order of their names, and whether more follow.
struct RowPage {
    std::vector<Pair> items;
    bool more = false;
};

using Keep = std::function<bool(const Pair&)>;

// Up to `limit` (at least 1) rows whose names begin with `prefix` + `within`, after `prefix` +
// `after`, that `keep` (may be empty) accepts. Names come, and `keep` sees them, without `prefix`.
Task<RowPage> list_rows(Store& store, std::string partition, std::string prefix, std::string within,
                        std::string after, int limit, Keep keep);

}  // namespace tarn::kv
