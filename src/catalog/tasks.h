#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/error.h"
#include "catalog/background.h"
#include "refs/model.h"
#include "versions/stores.h"

namespace tarn::catalog {

// A kind of task: what the ids of its tasks begin with, and its name in records.
struct TaskKind {
    std::string_view prefix;
    std::string_view operation;
};
inline constexpr TaskKind dump_task{"DR", "dump_refs"};
inline constexpr TaskKind restore_task{"RR", "restore_refs"};
inline constexpr TaskKind gc_commits_task{"GCPC", "gc_prepare_commits"};

struct TaskStatus {
    std::string id;
    bool done = false;
    Time updated;
    std::int64_t progress = 0;  // steps that are done
    std::string error;          // empty: none
    int status_code = 0;        // of HTTP, of the error
    std::string result;         // a message of the operation
};

// What a client is told of a failure.
struct TaskFailure {
    int status_code = 500;
    std::string message;
};

// Tasks that outlive the request that asked for them, and how they are going, as rows.
//
// Shape     A task is a list of steps. After each its row is written, with what the step returned
//           as the result so far. While this server has tasks it writes a heartbeat every 5 s.
// Errors    exhausted (detail "heavy_jobs"): too many run. A failing step ends the task with an
//           error in its row; so does the end of the server. A task of which neither row nor owner
//           were heard of for two minutes is taken for lost, and its row then says so.
// Source    docs/formats/tasks.md
class Tasks {
public:
    using Step = std::function<Task<std::string>()>;
    using Describe = std::function<TaskFailure(const Error&)>;

    Tasks(versions::Stores& stores, Background& background);
    ~Tasks();

    // The id of the new task.
    Task<std::string> submit(refs::Repository repository, TaskKind kind, std::vector<Step> steps,
                             Describe describe);
    // Nothing when there is no such task, or it is of another kind.
    Task<std::optional<TaskStatus>> find(refs::Repository repository, TaskKind kind,
                                         std::string id);

    // Removes the heartbeats of servers not heard of for a day.
    Task<void> remove_old_heartbeats();
    // The same with tasks of a repository.
    Task<void> remove_old(refs::Repository repository);

private:
    struct Job;
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace tarn::catalog
