#include "kv/postgres/internal/pool.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/asio/this_coro.hpp>
#include <utility>

#include "base/error.h"
#include "base/log.h"

namespace tarn::kv::postgres {
namespace {

constexpr std::size_t waiting_max = 1024;
constexpr std::chrono::milliseconds retry_first{20};
constexpr std::chrono::milliseconds retry_max{500};

std::chrono::milliseconds left_until(Moment deadline) {
    const auto left =
        std::chrono::ceil<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now());
    return std::max(left, std::chrono::milliseconds(0));
}

Error late(const PostgresOptions& options) {
    return Error(Code::unavailable,
                 fmt::format("PostgreSQL: no answer within {} ms", options.scan_timeout.count()),
                 "postgres");
}

void send(Session& session, const Question& question) {
    std::vector<std::string_view> parameters(question.parameters.begin(),
                                             question.parameters.end());
    if (question.verb) {
        session.send(*question.verb, question.table, parameters);
    } else {
        session.send(question.text, parameters);
    }
}

}  // namespace

// A place among those at work, given back at the end.
class Pool::Permit {
public:
    explicit Permit(Pool& pool) : pool_(pool) {}
    ~Permit() { pool_.release(); }
    Permit(const Permit&) = delete;
    Permit& operator=(const Permit&) = delete;

private:
    Pool& pool_;
};

Pool::Pool(Workers& workers, const PostgresOptions& options, int connections_max)
    : workers_(workers), options_(options), free_(connections_max) {}

Task<void> Pool::acquire(Moment deadline) {
    std::shared_ptr<Signal> turn;
    {
        const std::lock_guard lock(mutex_);
        if (free_ > 0) {
            --free_;
        } else {
            if (waiting_.size() >= waiting_max) {
                throw Error(Code::exhausted, "PostgreSQL: too many scans wait", "kv_queue");
            }
            turn = std::make_shared<Signal>();
            waiting_.push_back(turn);
        }
    }
    if (!turn) co_return;
    const bool in_time = co_await turn->wait_for(left_until(deadline));
    if (in_time) co_return;
    const std::lock_guard lock(mutex_);
    const auto place = std::ranges::find(waiting_, turn);
    if (place == waiting_.end()) co_return;  // its turn came in the last moment
    waiting_.erase(place);
    throw late(options_);
}

void Pool::release() {
    std::shared_ptr<Signal> next;
    {
        const std::lock_guard lock(mutex_);
        if (waiting_.empty()) {
            ++free_;
        } else {
            next = std::move(waiting_.front());
            waiting_.pop_front();
        }
    }
    if (next) next->notify();
}

bool Pool::is_old(const Session& session) const {
    const auto age = std::chrono::steady_clock::now() - session.opened_at();
    return options_.connection_lifetime.count() != 0 && age >= options_.connection_lifetime;
}

std::unique_ptr<Session> Pool::take_idle() {
    std::deque<std::unique_ptr<Session>> old;  // closed without the lock
    const std::lock_guard lock(mutex_);
    while (!idle_.empty() && is_old(*idle_.front())) {
        old.push_back(std::move(idle_.front()));
        idle_.pop_front();
    }
    if (idle_.empty()) return nullptr;
    auto session = std::move(idle_.back());
    idle_.pop_back();
    return session;
}

void Pool::put_idle(std::unique_ptr<Session> session) {
    if (is_old(*session)) return;
    const std::lock_guard lock(mutex_);
    if (idle_.size() < static_cast<std::size_t>(options_.connections_idle_max)) {
        idle_.push_back(std::move(session));
    }
}

// After one was lost, the others are not to be trusted.
void Pool::close_idle() {
    std::deque<std::unique_ptr<Session>> closed;
    const std::lock_guard lock(mutex_);
    closed.swap(idle_);
}

Task<std::unique_ptr<Session>> Pool::connect(Moment deadline) {
    const Moment give_up =
        std::min(deadline, std::chrono::steady_clock::now() + options_.away_grace);
    auto delay = retry_first;
    while (true) {
        try {
            auto session = co_await workers_.offload([options = options_] {
                auto opened = Session::open(options);
                opened->enter_pipeline();
                return opened;
            });
            co_return session;
        } catch (const Error& error) {
            log::debug("{}", error.message());
        }
        if (std::chrono::steady_clock::now() + delay >= give_up) throw away();
        co_await sleep_for(delay);
        delay = std::min(2 * delay, retry_max);
    }
}

Task<Pool::Answer> Pool::converse(Wire& wire, std::span<const Question> questions,
                                  Moment deadline) {
    Session& session = wire.session();
    Answer answer;
    for (const Question& question : questions) send(session, question);
    session.sync();
    while (!session.flush()) {
        const bool ready = co_await wire.wait(Wire::Readiness::writable, deadline);
        if (!ready) throw late(options_);
    }
    bool open = true;
    while (true) {
        while (auto reply = session.next_reply()) {
            if (reply->synced) co_return answer;
            if (reply->refusal && !answer.refusal) answer.refusal = std::move(reply->refusal);
            if (answer.refusal && answer.refusal->is_loss()) co_return answer;
            if (reply->result) answer.results.push_back(std::move(reply->result));
        }
        if (!open) {
            answer.refusal = Refusal{"", "the server closed the connection"};
            co_return answer;
        }
        const bool ready = co_await wire.wait(Wire::Readiness::readable, deadline);
        if (!ready) throw late(options_);
        open = session.receive();
    }
}

Task<Pool::Answer> Pool::ask_once(std::span<const Question> questions, Moment deadline) {
    co_await acquire(deadline);
    const Permit permit(*this);
    auto session = take_idle();
    if (!session) session = co_await connect(deadline);
    const auto executor = co_await boost::asio::this_coro::executor;
    Wire wire(executor.context(), std::move(session));
    auto answer = co_await converse(wire, questions, deadline);
    const bool lost = answer.refusal && answer.refusal->is_loss();
    if (lost) {
        close_idle();
    } else {
        put_idle(wire.release());
    }
    co_return answer;
}

Task<std::vector<ResultPtr>> Pool::ask_all(std::vector<Question> questions) {
    const Moment deadline = std::chrono::steady_clock::now() + options_.scan_timeout;
    while (true) {
        auto answer = co_await ask_once(questions, deadline);
        if (!answer.refusal) co_return std::move(answer.results);
        if (!answer.refusal->is_loss()) throw answer.refusal->error();
        if (std::chrono::steady_clock::now() + retry_first >= deadline) throw away();
        co_await sleep_for(retry_first);
    }
}

Task<ResultPtr> Pool::ask(Question question) {
    std::vector<Question> questions;
    questions.push_back(std::move(question));
    auto results = co_await ask_all(std::move(questions));
    co_return std::move(results.front());
}

}  // namespace tarn::kv::postgres
