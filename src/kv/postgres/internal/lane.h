#pragma once

#include <array>
#include <cstddef>
#include <deque>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "base/signal.h"
#include "base/task.h"
#include "base/workers.h"
#include "kv/postgres/internal/call.h"
#include "kv/postgres/internal/round.h"
#include "kv/postgres/internal/session.h"
#include "kv/postgres/internal/wire.h"

namespace tarn::kv::postgres {

// One connection and the calls that share it: while a round is under way, the next gathers.
//
// Shape     A call takes part in rounds until all its steps have results. At most two rounds are in
//           flight. A round that is refused is sent again, statement by statement, then row by row,
//           so that only the guilty caller fails. When the connection is lost, its process on the
//           server is ended first; then finds and plain writes are sent again while their caller
//           waits, and a conditional write is answered by what its key holds.
// Limits    As PostgresOptions; `submit` refuses beyond them.
// Threads   `submit` from any thread; all else runs on `context`.
// Lifetime  `stop` must have been called and `context` have run dry before it ends.
// Errors    Of calls: exhausted, unavailable, invalid_argument (a key that no index takes).
// Source    docs/formats/kv.md
class Lane {
public:
    Lane(Context& context, Workers& workers, const PostgresOptions& options,
         const PostgresSeams& seams, const Spread& spread);
    ~Lane();
    Lane(const Lane&) = delete;
    Lane& operator=(const Lane&) = delete;

    // Connects in the background.
    void start();
    // Errors  exhausted: too much waits. unavailable: the database has been away for a while.
    void submit(const CallPtr& call);
    // Answers what it has, but for no longer than a call's time, then closes the connection.
    void stop();

private:
    // Rounds, in lane.cc.
    void pump();
    void take_inbox();
    bool has_work() const;
    bool may_send() const;
    void send_rounds();
    void send_round();
    void gather(std::deque<CallPtr>& from, int caution, RoundBuilder& builder);
    void send_statement(const Statement& statement);
    void flush();
    void watch();
    void read_replies();
    bool take(Session::Reply reply);
    void refuse(Segment& segment);
    void end_round();

    // Calls, in lane_calls.cc.
    void answer(Call& call);
    void finish(Call& call);
    void put_back(const CallPtr& call);
    void announce();
    void expire(Moment now);
    void fail_all(const Error& error);
    void arm_tick();
    void tick();

    // The connection, in lane_connection.cc.
    void begin_connecting();
    Task<void> connect();
    Task<bool> connect_once(int attempt);
    void adopt(std::unique_ptr<Session> session, bool predecessor_ended);
    void lose(const std::string& why);
    void take_back(const CallPtr& call);
    void note_away(const std::string& why);
    void renew_when_old();
    void close_when_idle();

    Context& context_;
    Workers& workers_;
    const PostgresOptions options_;
    const PostgresSeams seams_;
    const Spread spread_;

    std::mutex mutex_;  // guards what follows up to `is_away_`
    std::vector<CallPtr> inbox_;
    bool is_woken_ = false;
    std::size_t operations_ = 0;  // of calls that have not finished
    std::size_t bytes_ = 0;
    bool is_away_ = false;  // the database is given up for now

    std::deque<CallPtr> queue_;      // to be sent, or with steps left
    std::deque<CallPtr> redo_;       // sent, and refused or lost
    std::deque<CallPtr> unexpired_;  // those that wait for an answer, oldest first
    std::deque<Round> rounds_;       // in flight
    std::vector<Signal> announced_;
    std::size_t operations_finished_ = 0;  // since the last announcement
    std::size_t bytes_finished_ = 0;

    std::unique_ptr<Wire> wire_;  // null: not connected
    bool is_flushing_ = false;
    bool is_connecting_ = false;
    bool was_lost_ = false;  // and this has been logged
    Backend lost_backend_;
    Moment lost_at_;
    Moment progress_at_;
    std::chrono::milliseconds lifetime_{0};
    bool has_served_ = false;  // this connection, at least one round
    Alarm alarm_;
    bool is_ticking_ = false;
    bool is_stopping_ = false;
    Moment stop_deadline_;
    const Signal stopped_;
    std::array<ByteaArray, 4> arrays_;
};

}  // namespace tarn::kv::postgres
