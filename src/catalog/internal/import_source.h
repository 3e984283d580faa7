#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "block/store.h"
#include "catalog/background.h"
#include "catalog/entry.h"
#include "catalog/imports.h"
#include "committed/trees.h"

namespace tarn::catalog {

// Where an object lies, split for listing: the folder, as a namespace, and the key in it.
struct SourcePlace {
    std::string folder;  // without a slash at its end
    std::string name;    // what stands behind the last slash of the URI
};
SourcePlace place_of(const block::Store& blocks, std::string_view uri);

// The URI of a key in a folder: as it is, or with escapes where only they are read back as the key.
std::string uri_in(const std::string& folder, const std::string& key);

// The entries of all sources of an import, in key order; of equal paths that of the last source.
// Limits  A page of each source that is being read, some 100,000 objects in all; a source is
//         listed only when its turn comes. `checkpoint` is called before each page.
// Errors  not_found (detail "no_such_source"): an object does not exist, or, in a local store,
//         there is nothing under a prefix. invalid_argument (detail "bad_path"): a path of more
//         than 1,024 bytes. Those of block::Store.
class ImportSource final : public committed::ChangeSource {
public:
    ImportSource(block::Store& blocks, const std::vector<ImportPath>& paths,
                 std::function<void()> checkpoint, std::atomic<std::int64_t>& progress);
    ~ImportSource() override;

    Task<std::vector<committed::Change>> next() override;

private:
    struct Feed;

    void push(Feed* feed);
    Feed* pop();
    Task<void> advance(Feed* feed);

    block::Store& blocks_;
    const std::function<void()> checkpoint_;
    std::atomic<std::int64_t>& progress_;
    std::vector<std::unique_ptr<Feed>> feeds_;
    std::vector<Feed*> heap_;  // the next to be read first
};

}  // namespace tarn::catalog
