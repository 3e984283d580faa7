#pragma once

#include <exception>
#include <functional>
#include <memory>

#include "base/task.h"
#include "base/workers.h"

namespace tarn::block {

// Blocking functions of one upload, run one after another on workers while the upload goes on.
//
// Threads   All calls come from one coroutine; the functions run on workers, never two at a time.
// Lifetime  Await `drain` before the lane, or anything that the functions use, ends.
// Limits    `limit` functions wait or run; `push` waits beyond that.
// Errors    After a function has thrown, the further ones are dropped; the exception comes out of
// the
//           next `push` and of `finish`.
class Lane {
public:
    Lane(Workers& workers, int limit);

    Task<void> push(std::function<void()> function);
    // Waits until all have run; throws what one of them threw.
    Task<void> finish();
    // Waits until all have run or were dropped; never throws.
    Task<void> drain();

private:
    struct State;
    static void start(Workers& workers, const std::shared_ptr<State>& state);

    Workers& workers_;
    const std::size_t limit_;
    const std::shared_ptr<State> state_;
};

}  // namespace tarn::block
