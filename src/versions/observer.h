#pragma once

#include <string>

#include "base/task.h"
#include "refs/model.h"

namespace tarn::versions {

// Something that happens to a repository; `hooks` listens and may refuse.
struct Event {
    enum class Kind {
        prepare_commit,
        pre_commit,
        post_commit,
        pre_merge,
        post_merge,
        pre_create_branch,
        post_create_branch,
        pre_delete_branch,
        post_delete_branch,
        pre_create_tag,
        post_create_tag,
        pre_delete_tag,
        post_delete_tag,
        pre_revert,
        post_revert,
        pre_cherry_pick,
        post_cherry_pick
    };
    Kind kind = Kind::pre_commit;
    refs::Repository repository;
    std::string branch;  // or the tag's name
    std::string source_ref;
    refs::Commit commit;  // what is about to be, or was, written
};

class Observer {
public:
    virtual ~Observer() = default;
    // Called at the point its kind names. Throwing from a pre event (precondition_failed, detail
    // "hook_failed") stops the operation.
    virtual Task<void> on(Event event) = 0;
};

// Hears everything and minds nothing.
class SilentObserver final : public Observer {
public:
    Task<void> on(Event event) override;
};

}  // namespace tarn::versions
