#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <span>
#include <vector>

#include "base/task.h"

namespace tarn {

// One event that one coroutine waits for and any thread announces, once.
// Threads   `notify` may be called from any thread, before or after `wait`; the waiter resumes on
// its
//           own context.
// Lifetime  Copies share the event, so that the announcer may outlive the waiter.
class Signal {
public:
    Signal();

    // Returns when notified, at once if that has happened. One waiter only.
    Task<void> wait() const;
    // As `wait`, but no longer than `limit`; false when the time is over. May then be waited for
    // again.
    Task<bool> wait_for(std::chrono::milliseconds limit) const;
    void notify() const;
    // Notifies all, waking each context once however many of its coroutines wait.
    static void notify_all(std::span<const Signal> signals);

private:
    struct State;
    std::shared_ptr<State> state_;
};

// Starts a coroutine on `context` and does not wait for it; an exception out of it is logged.
void start_on(Context& context, std::function<Task<void>()> task);

// Lets time pass without holding the thread.
Task<void> sleep_for(std::chrono::milliseconds duration);

// Runs `tasks` side by side on the current context, at most `limit` at a time, and returns when all
// have ended. The first exception is thrown, after all have ended.
Task<void> run_all(std::vector<std::function<Task<void>()>> tasks, int limit);

}  // namespace tarn
