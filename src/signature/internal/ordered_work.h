#pragma once

#include <functional>
#include <memory>

#include "base/task.h"
#include "base/workers.h"

namespace tarn::signature::internal {

// Jobs that run on workers one after the other, in the order given.
//
// Threads   One context calls `post` and `drain`.
// Lifetime  A job owns what it uses: it may run after this object is gone.
// Limits    `post` waits while four jobs are unfinished.
class OrderedWork {
public:
    explicit OrderedWork(Workers& workers);
    ~OrderedWork();
    OrderedWork(OrderedWork&&) noexcept;

    Task<void> post(std::function<void()> job);
    // Returns when every job has ended.
    Task<void> drain();

private:
    struct State;
    Task<void> wait_below(int unfinished);

    Workers* workers_;
    std::shared_ptr<State> state_;
};

}  // namespace tarn::signature::internal
