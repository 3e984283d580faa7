#pragma once

#include <libpq-fe.h>

#include <bitset>
#include <chrono>
#include <cstddef>
#include <deque>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "kv/postgres/internal/statements.h"
#include "kv/postgres/options.h"

namespace tarn::kv::postgres {

using Moment = std::chrono::steady_clock::time_point;

struct ResultDeleter {
    void operator()(PGresult* result) const { PQclear(result); }
};
using ResultPtr = std::unique_ptr<PGresult, ResultDeleter>;

// A field of a result, as the bytes in it.
std::string_view field_of(const PGresult* result, int row, int column);

// Why the server, or the way to it, refused.
struct Refusal {
    std::string state;  // SQLSTATE; empty: the connection failed
    std::string message;

    // Whether the connection is of no more use.
    bool is_loss() const;
    Error error() const;
};

// What callers hear while there is no connection; the log has the reason, which may name hosts.
Error away();

// The process of the server behind a connection.
struct Backend {
    std::string pid;      // decimal; empty: none
    std::string started;  // as text, since a pid comes back
};

// One connection to PostgreSQL, first blocking, then in pipeline mode.
//
// Shape     While it is opened and asked by `query`, it blocks up to a deadline, so that belongs on
//           a worker. After `enter_pipeline` nothing blocks: `send` and `sync` queue, `flush` and
//           `receive` move bytes, `next_reply` gives answers in the order of what was sent.
//           Statements are prepared at their first use.
// Threads   One at a time. Errors  unavailable, with what the server said; never a secret.
class Session {
public:
    // Connects, and sets what the driver needs. Blocks.
    static std::unique_ptr<Session> open(const PostgresOptions& options);
    ~Session();
    Session(const Session&) = delete;
    Session& operator=(const Session&) = delete;

    // Runs one statement with text parameters; its result is text. Blocks.
    ResultPtr query(const std::string& statement, std::span<const std::string> parameters,
                    Moment deadline);

    // Ends the process of a lost connection, so that nothing it was sent can still happen; false
    // when it does not end. Blocks.
    bool end_backend(const Backend& backend, Moment deadline);

    void enter_pipeline();
    int socket() const { return PQsocket(connection_); }
    const Backend& backend() const { return backend_; }
    Moment opened_at() const { return opened_at_; }

    // Queues a prepared statement with binary parameters. Results are binary.
    void send(Verb verb, int table, std::span<const std::string_view> parameters);
    // Queues a statement that is parsed each time, likewise.
    void send(const std::string& statement, std::span<const std::string_view> parameters);
    // Ends the transaction of what was sent since the last one.
    void sync();
    // True when everything has been handed to the system; throws when the connection is lost.
    bool flush();
    // Takes what has arrived; false when the connection is lost.
    bool receive();

    // The answer to the next statement or sync.
    struct Reply {
        bool synced = false;             // to a sync; else to a statement
        ResultPtr result;                // of a statement that went well
        std::optional<Refusal> refusal;  // else why not; also of a sync whose commit failed
        bool skipped = false;            // not run, because one before it was refused
    };
    // Nothing when it has not arrived yet.
    std::optional<Reply> next_reply();
    bool awaits_replies() const { return !awaited_.empty(); }

private:
    enum class Awaited : char { preparation, statement, sync };
    explicit Session(PGconn* connection);
    void connect(Moment deadline);
    void set_up(Moment deadline);
    void wait(short events, Moment deadline);
    Refusal refusal() const;  // of the connection itself
    [[noreturn]] void lose();

    PGconn* connection_;
    Backend backend_;
    Moment opened_at_;
    std::bitset<statement_count> prepared_;
    std::deque<std::pair<Awaited, std::size_t>> awaited_;  // with the number of the statement
    std::optional<Refusal> preparation_refusal_;
};

// Errors  invalid_argument: not a connection string; the text tells no part of it.
void check_connection_string(const Secret& connection_string);

}  // namespace tarn::kv::postgres
