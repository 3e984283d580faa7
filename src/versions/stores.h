#pragma once

#include "base/clock.h"
#include "base/workers.h"
#include "committed/trees.h"
#include "kv/store.h"
#include "refs/refs.h"
#include "staging/staging.h"
#include "versions/hints.h"
#include "versions/observer.h"

namespace tarn::versions {

// What every operation of this room works with; `server` owns the parts.
//
// Threads  Any context. get, list, put and remove suit the connection's context; all others should
//          be run whole on a worker.
// Errors   Those of refs and committed, and: permission_denied (detail "protected_branch" |
//          "read_only_repository"), conflict (detail "merge_conflict"; "bad_parent": revert of a
//          merge without a parent), exhausted (detail "too_many_tries": others kept changing the
//          branch), invalid_argument (detail "no_changes" | "dirty_branch" | "bad_parent" |
//          "bad_key" | "no_merge_base" | "staging_ref").
struct Stores {
    kv::Store& kv;
    refs::Refs& refs;
    committed::Trees& trees;
    staging::Cleaner& cleaner;
    Hints& hints;
    Workers& workers;
    const Clock& clock;
    Observer& observer;
};

}  // namespace tarn::versions
