#include "refs/model.h"

#include "base/bytes.h"
#include "base/identity.h"

namespace tarn::refs {

std::string commit_id_of(const Commit& commit) {
    Identity parents;
    parents.add_strings(commit.parents);
    Identity identity;
    identity.add_string("commit:v1")
        .add_string(commit.committer)
        .add_string(commit.message)
        .add_string(commit.tree_id)
        .add_int64(unix_seconds(commit.created))
        .add_map(commit.metadata)
        .add_embedded(parents);
    return to_hex(identity.digest());
}

}  // namespace tarn::refs
