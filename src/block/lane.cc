#include "block/lane.h"

#include <deque>
#include <mutex>
#include <optional>
#include <utility>

#include "base/signal.h"

namespace tarn::block {

struct Lane::State {
    struct Piece {
        std::function<void()> function;
        Signal done;
    };

    std::mutex mutex;
    std::deque<Piece> pieces;  // the first is the one that runs
    bool running = false;
    std::exception_ptr error = nullptr;

    // Runs all that is queued, on a worker.
    void run() {
        for (;;) {
            std::function<void()> function;
            bool dropped = false;
            {
                const std::scoped_lock lock(mutex);
                if (pieces.empty()) {
                    running = false;
                    return;
                }
                function = std::move(pieces.front().function);
                dropped = error != nullptr;
            }
            std::exception_ptr failure;
            try {
                if (!dropped) function();
            } catch (...) {
                failure = std::current_exception();
            }
            function = nullptr;  // its buffers go back before the next piece is let in
            std::optional<Signal> done;
            {
                const std::scoped_lock lock(mutex);
                if (failure) error = failure;
                done = pieces.front().done;
                pieces.pop_front();
            }
            done->notify();
        }
    }

    std::exception_ptr failure() {
        const std::scoped_lock lock(mutex);
        return error;
    }
};

Lane::Lane(Workers& workers, int limit)
    : workers_(workers),
      limit_(static_cast<std::size_t>(limit)),
      state_(std::make_shared<State>()) {}

void Lane::start(Workers& workers, const std::shared_ptr<State>& state) {
    workers.start([state]() -> Task<void> {
        state->run();
        co_return;
    });
}

Task<void> Lane::push(std::function<void()> function) {
    std::optional<Signal> oldest;
    {
        const std::scoped_lock lock(state_->mutex);
        if (state_->pieces.size() >= limit_) oldest = state_->pieces.front().done;
    }
    if (oldest) co_await oldest->wait();
    if (const std::exception_ptr failed = state_->failure()) std::rethrow_exception(failed);
    bool idle = false;
    {
        const std::scoped_lock lock(state_->mutex);
        state_->pieces.push_back({std::move(function), Signal()});
        idle = !std::exchange(state_->running, true);
    }
    if (idle) start(workers_, state_);
}

Task<void> Lane::finish() {
    co_await drain();
    if (const std::exception_ptr failed = state_->failure()) std::rethrow_exception(failed);
}

Task<void> Lane::drain() {
    for (;;) {
        std::optional<Signal> newest;
        {
            const std::scoped_lock lock(state_->mutex);
            if (state_->pieces.empty()) co_return;
            newest = state_->pieces.back().done;
        }
        co_await newest->wait();
    }
}

}  // namespace tarn::block
