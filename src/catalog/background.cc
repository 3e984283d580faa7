#include "catalog/background.h"

#include <condition_variable>
#include <list>
#include <mutex>
#include <utility>

#include "base/error.h"

namespace tarn::catalog {

struct Background::State {
    mutable std::mutex mutex;
    std::condition_variable ended;
    int running = 0;  // with upkeep
    int jobs = 0;     // without
    bool stopping = false;
    std::list<Signal> sleepers;
};

Background::Background(Workers& workers, int running_max)
    : state_(std::make_shared<State>()), workers_(workers), running_max_(running_max) {}

Background::~Background() {
    stop();
}

void Background::require_room() const {
    const std::lock_guard lock(state_->mutex);
    if (state_->jobs < running_max_ && !state_->stopping) return;
    throw Error(Code::exhausted, "too much runs in the background already", "heavy_jobs");
}

void Background::start(std::function<Task<void>()> job) {
    require_room();
    launch(std::move(job), 1);
}

void Background::start_upkeep(std::function<Task<void>()> job) {
    launch(std::move(job), 0);
}

void Background::launch(std::function<Task<void>()> job, int counted) {
    {
        const std::lock_guard lock(state_->mutex);
        ++state_->running;
        state_->jobs += counted;
    }
    // Counts the job as ended when the coroutine is gone, whatever came of it.
    struct Leave {
        std::shared_ptr<State> state;
        int counted;
        ~Leave() {
            const std::lock_guard lock(state->mutex);
            --state->running;
            state->jobs -= counted;
            state->ended.notify_all();
        }
    };
    workers_.start([state = state_, job = std::move(job), counted]() -> Task<void> {
        const Leave leave{state, counted};
        co_await job();
    });
}

bool Background::stopping() const {
    const std::lock_guard lock(state_->mutex);
    return state_->stopping;
}

void Background::checkpoint() const {
    if (stopping()) throw Error(Code::unavailable, "the server was stopped", "stopping");
}

Task<bool> Background::sleep(std::chrono::milliseconds time) {
    std::list<Signal>::iterator place;
    Signal woken;
    {
        const std::lock_guard lock(state_->mutex);
        if (state_->stopping) co_return false;
        place = state_->sleepers.insert(state_->sleepers.end(), woken);
    }
    const bool stopped = co_await woken.wait_for(time);
    const std::lock_guard lock(state_->mutex);
    state_->sleepers.erase(place);
    co_return !stopped;
}

void Background::stop() {
    std::unique_lock lock(state_->mutex);
    state_->stopping = true;
    for (const Signal& sleeper : state_->sleepers) sleeper.notify();
    state_->ended.wait(lock, [this] { return state_->running == 0; });
}

}  // namespace tarn::catalog
