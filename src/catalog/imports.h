#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "block/store.h"
#include "catalog/background.h"
#include "catalog/tasks.h"
#include "refs/model.h"
#include "versions/stores.h"

namespace tarn::catalog {

// Something in the object store that is to be imported.
struct ImportPath {
    enum class Kind { prefix, object };
    Kind kind = Kind::prefix;
    // A whole URI: of an object, or what the URIs of objects begin with.
    std::string uri;
    // The path of the object; or what stands, with a slash, before the names of those under the
    // prefix, which count from its last slash.
    std::string destination;
};

struct ImportOrder {
    std::string branch;
    std::vector<ImportPath> paths;
    std::string committer;
    std::string message;  // empty: a default
    refs::Metadata metadata;
    bool force = false;  // into a read-only repository too
};

struct ImportStatus {
    std::string id;
    bool completed = false;
    Time updated;
    std::int64_t progress = 0;           // objects
    std::string tree_id;                 // when completed
    std::optional<refs::Commit> commit;  // when completed
    std::string error;                   // empty: none
};

// Imports: objects of the store become entries of one commit, without being copied, in place of all
// that the branch has under their destinations. Each runs in the background, and a row tells how it
// is going.
//
// Limits    Memory does not grow with the number of objects.
// Threads   Any.
// Errors    exhausted (detail "heavy_jobs"): too many run. A failure of the import is in its row,
//           as `describe` words it. An import whose row has not changed for two minutes, while it
//           is written every second, is taken for lost.
// Source    docs/formats/tasks.md
class Imports {
public:
    Imports(versions::Stores& stores, block::Store& blocks, Background& background);

    // The id of the new import.
    Task<std::string> start(refs::Repository repository, ImportOrder order,
                            Tasks::Describe describe);
    Task<std::optional<ImportStatus>> find(refs::Repository repository, std::string id);
    // False when there is no such import. One that has failed stays as it is.
    // Errors  conflict (detail "import_completed").
    Task<bool> cancel(refs::Repository repository, std::string id);
    // Forgets imports of a repository that have not changed for a day.
    Task<void> remove_old(refs::Repository repository);

private:
    struct Job;

    versions::Stores& stores_;
    block::Store& blocks_;
    Background& background_;
};

}  // namespace tarn::catalog
