#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "block/store.h"

namespace tarn::block {

// Where an address lies on disk.
struct Location {
    std::string external;  // the allowed folder outside of the root, absolute; empty: the root
    std::string path;      // relative to it; never leads outside
};

// Turns addresses into places under the root or under an allowed folder beside it.
//
// Shape     "local://lake" and "data/p/x" are "<root>/lake/data/p/x". A whole address, and a
// namespace,
//           may be absolute: "local:///srv/x", which must lie under the root or an allowed folder.
// Limits    A component has 1..255 bytes and is neither "." nor ".."; a path has up to 4,000 bytes.
// Threads   Any: it never changes.
// Errors    invalid_argument (detail "invalid_address"), naming the rule that is broken.
class Locator {
public:
    // `root` and the folders are absolute paths without a slash at their end.
    Locator(std::string root, std::vector<std::string> allowed_external);

    Location locate(const Address& address) const;
    // The folder of a namespace; its path may be empty.
    Location locate_folder(std::string_view storage_namespace) const;
    // "local://<absolute path>".
    std::string show(const Address& address) const;

    // The root's own subfolder for what is not finished; no address leads into it.
    static constexpr std::string_view reserved = ".tarn";

private:
    Location locate_absolute(std::string_view path) const;

    const std::string root_;
    const std::vector<std::string> allowed_external_;
};

// Whether a path is one that Locator would produce: what breaks the rule, or nothing.
std::string_view fault_of_path(std::string_view path);

}  // namespace tarn::block
