#pragma once

#include <optional>
#include <string>
#include <vector>

#include "committed/value.h"
#include "versions/stores.h"

namespace tarn::versions {

using committed::Value;

// The value of `key` at `ref` (any expression), or nothing. Uncommitted changes count for a bare
// branch name. One round trip to the key-value store for a branch, none for a commit that is
// cached.
Task<std::optional<Value>> get(Stores& stores, refs::Repository repository, std::string ref,
                               std::string key);

struct ListQuery {
    std::string prefix = {};
    std::string after = {};      // exclusive; of common prefixes too
    std::string delimiter = {};  // empty: none
    int limit = 1000;            // 1..1000 items
};

// A key and the data of its value, or a common prefix (ends with the delimiter) and no data.
struct ListItem {
    std::string key;
    bool is_prefix = false;
    std::string data;
};

struct ListPage {
    std::vector<ListItem> items;
    bool more = false;
};

// Keys at `ref` in byte order, those below a delimiter after the prefix rolled up.
Task<ListPage> list(Stores& stores, refs::Repository repository, std::string ref, ListQuery query);

}  // namespace tarn::versions
