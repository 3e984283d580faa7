// The connection of a lane: how it is made, renewed and given up.

#include <fmt/format.h>

#include <algorithm>
#include <random>
#include <utility>

#include "base/log.h"
#include "kv/postgres/internal/lane.h"

namespace tarn::kv::postgres {
namespace {

constexpr std::chrono::milliseconds backoff_first{20};
constexpr std::chrono::milliseconds backoff_max{1000};

std::chrono::milliseconds jittered(std::chrono::milliseconds most) {
    thread_local std::minstd_rand random{std::random_device()()};
    std::uniform_int_distribution<std::int64_t> delay(most.count() / 2, most.count());
    return std::chrono::milliseconds(delay(random));
}

std::chrono::milliseconds backoff(int attempt) {
    return jittered(std::min(backoff_max, backoff_first * (1 << std::min(attempt, 6))));
}

struct Opened {
    std::unique_ptr<Session> session;
    bool predecessor_ended;
};

Opened open(const PostgresOptions& options, const Backend& predecessor) {
    Opened opened{Session::open(options), false};
    const Moment deadline = std::chrono::steady_clock::now() + options.connect_timeout;
    try {
        opened.predecessor_ended = opened.session->end_backend(predecessor, deadline);
    } catch (const Error& error) {
        log::warning("{}", error.message());  // and so its writes have an unknown fate
    }
    opened.session->enter_pipeline();
    return opened;
}

Error fate_unknown() {
    return Error(Code::unavailable,
                 "PostgreSQL: a lost connection's process goes on, and whether a write happened is "
                 "unknown",
                 "postgres");
}

}  // namespace

void Lane::begin_connecting() {
    if (is_connecting_ || is_stopping_) return;
    is_connecting_ = true;
    lost_at_ = std::chrono::steady_clock::now();
    start_on(context_, [this]() -> Task<void> { return connect(); });
}

Task<void> Lane::connect() {
    bool connected = false;
    for (int attempt = 0; !connected && !is_stopping_; ++attempt) {
        connected = co_await connect_once(attempt);
    }
    is_connecting_ = false;
    pump();
}

Task<bool> Lane::connect_once(int attempt) {
    std::string why;
    try {
        auto opened = co_await workers_.offload([options = options_, predecessor = lost_backend_] {
            return open(options, predecessor);
        });
        if (!is_stopping_) adopt(std::move(opened.session), opened.predecessor_ended);
        co_return true;
    } catch (const Error& error) {
        why = error.message();
    }
    note_away(why);
    co_await stopped_.wait_for(backoff(attempt));
    co_return false;
}

void Lane::adopt(std::unique_ptr<Session> session, bool predecessor_ended) {
    if (std::exchange(was_lost_, false)) log::info("PostgreSQL: connected again");
    {
        const std::lock_guard lock(mutex_);
        is_away_ = false;
    }
    if (!predecessor_ended) {
        // What it was sent may still happen, after anything that is written from now on.
        std::erase_if(redo_, [this](const CallPtr& call) {
            if (!call->writes_next()) return false;
            if (!call->is_answered) call->failure = fate_unknown();
            answer(*call);
            finish(*call);
            return true;
        });
    }
    lost_backend_ = {};
    // Spread, so that connections made together do not all end together.
    lifetime_ = jittered(options_.connection_lifetime);
    has_served_ = false;
    is_flushing_ = false;
    wire_ = std::make_unique<Wire>(context_, std::move(session));
    watch();
}

void Lane::lose(const std::string& why) {
    if (!std::exchange(was_lost_, true)) log::warning("PostgreSQL: connection lost: {}", why);
    if (!rounds_.empty()) lost_backend_ = wire_->session().backend();
    wire_.reset();
    std::deque<Round> lost;
    lost.swap(rounds_);
    for (const Round& round : lost) {
        for (const CallPtr& call : round.calls) take_back(call);
    }
    // What nobody waits for must not happen long afterwards.
    std::erase_if(queue_, [this](const CallPtr& call) {
        if (call->is_answered) finish(*call);
        return call->is_answered;
    });
    begin_connecting();
}

void Lane::take_back(const CallPtr& call) {
    if (call->is_done() || call->failure || call->is_answered) {
        answer(*call);
        finish(*call);
        return;
    }
    call->lost_until = std::max(call->lost_until, call->sent_until);
    redo_.push_back(call);
}

void Lane::note_away(const std::string& why) {
    if (!std::exchange(was_lost_, true)) log::warning("{}", why);
    if (std::chrono::steady_clock::now() - lost_at_ < options_.away_grace) return;
    {
        const std::lock_guard lock(mutex_);
        is_away_ = true;
    }
    take_inbox();
    fail_all(away());
    announce();
}

void Lane::renew_when_old() {
    if (!wire_ || !has_served_ || !rounds_.empty() || !has_work()) return;
    if (options_.connection_lifetime.count() == 0) return;  // without end
    if (std::chrono::steady_clock::now() - wire_->session().opened_at() < lifetime_) return;
    wire_.reset();
    begin_connecting();
}

void Lane::close_when_idle() {
    if (!is_stopping_) return;
    const bool late = std::chrono::steady_clock::now() >= stop_deadline_;
    if (late && wire_) {
        std::deque<Round> lost;
        lost.swap(rounds_);
        for (const Round& round : lost) {
            for (const CallPtr& call : round.calls) take_back(call);
        }
    }
    if (late || !wire_)
        fail_all(Error(Code::unavailable, "PostgreSQL: the store closes", "postgres"));
    if (has_work() || !rounds_.empty()) return;
    wire_.reset();
    alarm_.cancel();
    announce();
}

}  // namespace tarn::kv::postgres
