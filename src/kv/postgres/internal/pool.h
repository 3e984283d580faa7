#pragma once

#include <cstddef>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/signal.h"
#include "base/task.h"
#include "base/workers.h"
#include "kv/postgres/internal/session.h"
#include "kv/postgres/internal/wire.h"

namespace tarn::kv::postgres {

// A statement that may run twice: prepared when it has a verb, else parsed from its text.
struct Question {
    std::optional<Verb> verb;
    int table = whole_table;
    std::string text;
    std::vector<std::string> parameters;  // binary
};

// Connections for what takes its time: pages of scans, drops, names of partitions.
//
// Shape     Each question, or row of questions in one transaction, has a connection for itself.
//           Connections are opened when needed, kept while they are young, and closed beyond the
//           number that may idle. Questions that a lost connection left unanswered are asked again.
// Limits    `connections_max` at work, `waiting_max` waiting for one.
// Threads   Any; the socket is watched by the caller's context.
// Lifetime  Outlives its questions. Errors  exhausted, unavailable.
class Pool {
public:
    Pool(Workers& workers, const PostgresOptions& options, int connections_max);

    Task<ResultPtr> ask(Question question);
    // One result for each, in order.
    Task<std::vector<ResultPtr>> ask_all(std::vector<Question> questions);

private:
    class Permit;
    struct Answer {
        std::vector<ResultPtr> results;
        std::optional<Refusal> refusal;
    };

    Task<void> acquire(Moment deadline);
    void release();
    std::unique_ptr<Session> take_idle();
    void put_idle(std::unique_ptr<Session> session);
    void close_idle();
    Task<std::unique_ptr<Session>> connect(Moment deadline);
    Task<Answer> ask_once(std::span<const Question> questions, Moment deadline);
    Task<Answer> converse(Wire& wire, std::span<const Question> questions, Moment deadline);
    bool is_old(const Session& session) const;

    Workers& workers_;
    const PostgresOptions options_;
    std::mutex mutex_;  // guards all below
    int free_;          // connections that may be taken
    std::deque<std::shared_ptr<Signal>> waiting_;
    std::deque<std::unique_ptr<Session>> idle_;  // the youngest last
};

}  // namespace tarn::kv::postgres
