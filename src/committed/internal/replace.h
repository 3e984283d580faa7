#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "committed/internal/tables.h"
#include "committed/internal/tree_writer.h"
#include "committed/trees.h"

namespace tarn::committed {

// A set of prefixes that answers for keys and stretches of keys.
class Prefixes {
public:
    explicit Prefixes(std::vector<std::string> prefixes);

    // Whether the key begins with one of them.
    bool cover(std::string_view key) const;
    // Whether all keys from `min` to `max` begin with one and the same of them.
    bool cover(std::string_view min, std::string_view max) const;
    // Whether there may be a key from `min` to `max` that begins with one of them.
    bool touch(std::string_view min, std::string_view max) const;

private:
    // The one that `key` begins with, or null.
    const std::string* find(std::string_view key) const;

    std::vector<std::string> sorted_;  // none begins with another
};

// Writes `destination` without the keys under `prefixes`, and all of `source`, into `writer`,
// without finishing it. Where a key is on both sides, the source's record is written. Whole ranges
// are taken where nothing of the other side, nor a prefix, lies in them.
Task<Summary> replace_keys(Tables& tables, Tree source, Tree destination, Prefixes prefixes,
                           TreeWriter& writer);

}  // namespace tarn::committed
