#include "base/signal.h"

#include <atomic>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/basic_waitable_timer.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <mutex>
#include <optional>
#include <utility>
#include <vector>

#include "base/error.h"
#include "base/internal/failure.h"

namespace tarn {
namespace {

namespace asio = boost::asio;
using Timer = asio::basic_waitable_timer<std::chrono::steady_clock,
                                         asio::wait_traits<std::chrono::steady_clock>,
                                         Context::executor_type>;

// How a coroutine of ours waits for a plain callback.
using Awaiting = asio::use_awaitable_t<Context::executor_type>;

// A suspended coroutine. Calling it resumes the coroutine on the calling thread, so it must be
// called on the coroutine's own context.
using Suspended = asio::async_result<Awaiting, void()>::handler_type;

// Resumes a coroutine on its context, from any thread, with one hop.
void resume_on(Context& context, Suspended coroutine) {
    asio::post(context, [resumed = std::move(coroutine)]() mutable { resumed(); });
}

// Suspends the calling coroutine and hands it to `begin`, which must see to its resumption.
template <class Begin>
auto suspend(Begin begin) {
    Awaiting token;
    return asio::async_initiate<Awaiting, void()>(std::move(begin), token);
}

// A coroutine that waits, and where.
struct Waiter {
    Context* context;
    Suspended coroutine;
};

}  // namespace

struct Signal::State {
    // Keeps the coroutine until the event; gives it back when the event has been already.
    std::optional<Waiter> keep(Waiter arriving) {
        const std::lock_guard lock(mutex);
        CHECK(!waiter, "a signal has one waiter");
        if (happened.load(std::memory_order_relaxed)) return arriving;
        waiter.emplace(std::move(arriving));
        return std::nullopt;
    }

    // Whoever waits, and from now on nobody needs to.
    std::optional<Waiter> announce() {
        const std::lock_guard lock(mutex);
        happened.store(true, std::memory_order_release);
        return std::exchange(waiter, std::nullopt);
    }

    // Whoever waits, without the event.
    std::optional<Waiter> give_up() {
        const std::lock_guard lock(mutex);
        return std::exchange(waiter, std::nullopt);
    }

    std::atomic<bool> happened = false;
    std::mutex mutex;
    std::optional<Waiter> waiter;
};

Signal::Signal() : state_(std::make_shared<State>()) {}

Task<void> Signal::wait() const {
    const std::shared_ptr<State> state = state_;
    if (state->happened.load(std::memory_order_acquire)) co_return;
    const auto executor = co_await asio::this_coro::executor;
    Context* context = &executor.context();
    co_await suspend([state, context](Suspended coroutine) {
        auto early = state->keep({context, std::move(coroutine)});
        if (early) resume_on(*context, std::move(early->coroutine));
    });
}

Task<bool> Signal::wait_for(std::chrono::milliseconds limit) const {
    const std::shared_ptr<State> state = state_;
    if (state->happened.load(std::memory_order_acquire)) co_return true;
    const auto executor = co_await asio::this_coro::executor;
    Context* context = &executor.context();
    Timer timer(executor, limit);
    co_await suspend([state, context, &timer](Suspended coroutine) {
        auto early = state->keep({context, std::move(coroutine)});
        if (early) {
            resume_on(*context, std::move(early->coroutine));
            return;
        }
        timer.async_wait([state](boost::system::error_code cancelled) {
            if (cancelled) return;
            auto late = state->give_up();
            if (late) late->coroutine();
        });
    });
    co_return state->happened.load(std::memory_order_acquire);
}

void Signal::notify() const {
    auto waiter = state_->announce();
    if (waiter) resume_on(*waiter->context, std::move(waiter->coroutine));
}

void Signal::notify_all(std::span<const Signal> signals) {
    // Contexts are few (one a core), so a linear search is cheapest.
    std::vector<std::pair<Context*, std::vector<Suspended>>> groups;
    for (const Signal& signal : signals) {
        auto waiter = signal.state_->announce();
        if (!waiter) continue;
        auto group = groups.begin();
        while (group != groups.end() && group->first != waiter->context) ++group;
        if (group == groups.end()) {
            group = groups.emplace(groups.end(), waiter->context, std::vector<Suspended>());
        }
        group->second.push_back(std::move(waiter->coroutine));
    }
    for (auto& [context, coroutines] : groups) {
        asio::post(*context, [resumed = std::move(coroutines)]() mutable {
            for (Suspended& coroutine : resumed) coroutine();
        });
    }
}

void start_on(Context& context, std::function<Task<void>()> task) {
    asio::co_spawn(context, std::move(task), internal::log_failure);
}

Task<void> sleep_for(std::chrono::milliseconds duration) {
    const auto executor = co_await asio::this_coro::executor;
    Timer timer(executor, duration);
    co_await timer.async_wait(asio::as_tuple(Awaiting{}));
}

namespace {

// What the lanes of one `run_all` share. All on one context, so nothing here is locked.
struct Lanes {
    std::vector<std::function<Task<void>()>> tasks;
    std::size_t next = 0;
    int running = 0;
    std::exception_ptr failure;
    Signal all_ended;
};

Task<void> run_lane(Lanes& lanes) {
    while (lanes.next < lanes.tasks.size()) {
        const auto& task = lanes.tasks[lanes.next++];
        try {
            co_await task();
        } catch (...) {
            if (!lanes.failure) lanes.failure = std::current_exception();
        }
    }
    if (--lanes.running == 0) lanes.all_ended.notify();
}

}  // namespace

Task<void> run_all(std::vector<std::function<Task<void>()>> tasks, int limit) {
    if (tasks.empty()) co_return;
    CHECK(limit >= 1, "something must be able to run");
    Lanes lanes;
    lanes.tasks = std::move(tasks);
    lanes.running = static_cast<int>(std::min<std::size_t>(lanes.tasks.size(), limit));
    const auto executor = co_await asio::this_coro::executor;
    const int others = lanes.running - 1;
    for (int lane = 0; lane < others; ++lane) {
        start_on(executor.context(), [&lanes] { return run_lane(lanes); });
    }
    co_await run_lane(lanes);
    co_await lanes.all_ended.wait();
    if (lanes.failure) std::rethrow_exception(lanes.failure);
}

}  // namespace tarn
