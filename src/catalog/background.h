#pragma once

#include <functional>
#include <memory>

#include "base/signal.h"
#include "base/workers.h"

namespace tarn::catalog {

// What goes on after its request was answered: imports and tasks. Each runs whole on a worker.
// Threads  Any.
// Limits   `running_max` at a time.
// Lifetime Whoever owns it calls stop() before anything that the jobs use ends.
class Background {
public:
    Background(Workers& workers, int running_max);
    ~Background();

    // Errors  exhausted (detail "heavy_jobs"): so many run already, or the server ends. Nothing is
    // started then.
    void start(std::function<Task<void>()> job);
    // The same for what goes on as long as the server, which is not counted.
    void start_upkeep(std::function<Task<void>()> job);
    // Throws what `start` would.
    void require_room() const;

    bool stopping() const;
    // Throws when the server ends (unavailable, detail "stopping"): long work calls it now and
    // then.
    void checkpoint() const;
    // Lets time pass; false at once when the server ends.
    Task<bool> sleep(std::chrono::milliseconds time);

    // Tells all to end and waits for them. Blocks.
    void stop();

private:
    void launch(std::function<Task<void>()> job, int counted);

    struct State;
    std::shared_ptr<State> state_;
    Workers& workers_;
    const int running_max_;
};

}  // namespace tarn::catalog
