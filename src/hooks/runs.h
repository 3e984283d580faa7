#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "block/store.h"
#include "kv/store.h"
#include "refs/model.h"

namespace tarn::hooks {

// What one event set off: the actions that matched it.
struct Run {
    std::string id;          // an xid; the newest sorts first
    std::string branch;      // empty for events of tags
    std::string source_ref;  // where the action files were read
    std::string commit_id;   // empty when there is none
    std::string event_type;  // "pre-commit"
    Time started;
    Time ended;
    bool passed = false;
};

// One hook of a run.
struct HookRun {
    std::string id;  // "0000_0001": the action and the hook in it
    std::string run_id;
    std::string hook_id;
    std::string action;
    std::optional<Time> started;  // nothing: it was skipped
    std::optional<Time> ended;
    bool passed = false;
};

template <class T>
struct Page {
    std::vector<T> items;
    bool more = false;
};

// Which runs: all, or those of one branch or one commit.
struct RunQuery {
    std::string branch;
    std::string commit_id;
    std::string after;  // a run id
    int limit = 100;    // 1..1000
};

// What was recorded of a repository's actions; any context.
//
// Errors  corrupted: a row cannot be read.
// Source  docs/formats/refs.md

// By id, so the newest second first. Rows of an index without a run are passed over.
Task<Page<Run>> list_runs(kv::Store& store, refs::Repository repository, RunQuery query);

Task<std::optional<Run>> find_run(kv::Store& store, refs::Repository repository, std::string id);

// By id; none for an unknown run. `after`: a hook run's id.
Task<Page<HookRun>> list_hook_runs(kv::Store& store, refs::Repository repository,
                                   std::string run_id, std::string after, int limit);

Task<std::optional<HookRun>> find_hook_run(kv::Store& store, refs::Repository repository,
                                           std::string run_id, std::string id);

// What a hook printed; nothing when no log was kept, as of skipped hooks.
Task<std::optional<block::Opened>> open_log(block::Store& blocks, refs::Repository repository,
                                            HookRun hook);

}  // namespace tarn::hooks
