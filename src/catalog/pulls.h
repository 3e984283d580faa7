#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "refs/model.h"
#include "versions/stores.h"

namespace tarn::catalog {

// Where a pull request stands. From `open` it may be closed or merged, from `closed` opened again;
// `merged` is the end, and only merging leads there.
enum class PullState { open = 0, closed = 1, merged = 2 };

// A proposal to merge one branch into another.
struct Pull {
    std::string id;  // an xid; the newest sorts first
    PullState state = PullState::open;
    Time created;
    std::string title;
    std::string author;
    std::string description;
    std::string source;                    // a branch
    std::string destination;               // a branch
    std::optional<std::string> commit_id;  // of the merge
    std::optional<Time> closed;            // when it was closed or merged
};

struct PullPage {
    std::vector<Pull> items;
    bool more = false;
};

// Operations on the pull requests of a repository; any context.
//
// Errors  not_found (detail "no_such_pull"); invalid_argument (detail "bad_pull_state"): the state
//         does not lead there; conflict (detail "too_many_tries"): others kept changing it.
// Source  docs/formats/refs.md

bool is_pull_id(std::string_view text);

// `id`, `state` and `created` are filled in. Whether the branches exist is the caller's to ask.
Task<Pull> create_pull(versions::Stores& stores, refs::Repository repository, Pull pull);

Task<Pull> get_pull(versions::Stores& stores, refs::Repository repository, std::string id);

// Those whose ids begin with `prefix`, after `after`, that `wanted` (may be empty) accepts.
struct PullQuery {
    std::string prefix;
    std::string after;
    int limit = 100;  // 1..1000
    std::function<bool(PullState)> wanted;
};
Task<PullPage> list_pulls(versions::Stores& stores, refs::Repository repository, PullQuery query);

// What is given replaces what is there. Opening a closed one again forgets when it was closed.
struct PullChange {
    std::optional<std::string> title;
    std::optional<std::string> description;
    std::optional<PullState> state;
};
Task<Pull> update_pull(versions::Stores& stores, refs::Repository repository, std::string id,
                       PullChange change);

// Merges the source branch into the destination and records the commit. The branch moves first: a
// crash in between leaves the request open, and its merge without changes.
// Errors  Also those of versions::merge.
Task<Pull> merge_pull(versions::Stores& stores, refs::Repository repository, std::string id,
                      std::string committer);

}  // namespace tarn::catalog
