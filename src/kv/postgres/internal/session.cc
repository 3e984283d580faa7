#include "kv/postgres/internal/session.h"

#include <fmt/format.h>
#include <openssl/ssl.h>
#include <poll.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

#include "base/log.h"

namespace tarn::kv::postgres {
namespace {

// Nested loops over primary keys are the only good plans here, whatever the statistics say, and
// they must not be planned again for each execution.
constexpr const char* settings =
    "SET plan_cache_mode = force_generic_plan; SET enable_seqscan = off; "
    "SET enable_bitmapscan = off; SET enable_hashjoin = off; SET enable_mergejoin = off; "
    "SET enable_material = off; SET enable_memoize = off; SET jit = off; "
    "SET default_transaction_isolation = 'read committed'; SET client_min_messages = warning";

constexpr const char* identity =
    "SELECT pid, backend_start FROM pg_stat_activity WHERE pid = pg_backend_pid()";

constexpr const char* ending =
    "SELECT pg_terminate_backend(pid, $3::int8) FROM pg_stat_activity "
    "WHERE pid = $1::int4 AND backend_start = $2::timestamptz";

std::string first_line(const char* text) {
    const std::string_view all = text;
    std::string_view line = all.substr(0, all.find('\n'));
    if (line.starts_with("ERROR:  ")) line.remove_prefix(8);
    return std::string(line);
}

std::string field_text(const PGresult* result, int field) {
    const char* text = PQresultErrorField(result, field);
    return text == nullptr ? std::string() : std::string(text);
}

int milliseconds_until(Moment deadline) {
    const auto left =
        std::chrono::ceil<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now());
    return static_cast<int>(std::clamp<std::int64_t>(left.count(), 0, 3'600'000));
}

void note_notice(void*, const PGresult* result) {
    log::debug("PostgreSQL: {}", field_text(result, PG_DIAG_MESSAGE_PRIMARY));
}

Error failure(std::string_view why) {
    return Error(Code::unavailable, fmt::format("PostgreSQL: {}", why), "postgres");
}

}  // namespace

std::string_view field_of(const PGresult* result, int row, int column) {
    return {PQgetvalue(result, row, column),
            static_cast<std::size_t>(PQgetlength(result, row, column))};
}

Error away() {
    return Error(Code::unavailable, "PostgreSQL is away", "postgres");
}

// 08: connection exceptions; 57P01..57P05: the server or its process ends.
bool Refusal::is_loss() const {
    return state.empty() || state.starts_with("08") || state.starts_with("57P0");
}

// 22 and 54 blame what was sent, such as a key that is too long for an index.
Error Refusal::error() const {
    const bool guilty = state.starts_with("22") || state == "54000";
    const Code code = guilty ? Code::invalid_argument : Code::unavailable;
    return Error(code, fmt::format("PostgreSQL: {} ({})", message, state), "postgres");
}

void check_connection_string(const Secret& connection_string) {
    char* why = nullptr;
    PQconninfoOption* options = PQconninfoParse(connection_string.reveal().c_str(), &why);
    const std::string reason = why == nullptr ? "" : first_line(why);
    PQfreemem(why);
    if (options != nullptr) {
        PQconninfoFree(options);
        return;
    }
    // Any other reason may repeat a part of the string, and so of a password.
    const bool harmless = reason.starts_with("invalid URI query parameter") ||
                          reason.starts_with("invalid connection option");
    throw Error(Code::invalid_argument,
                fmt::format("the connection string is not one of PostgreSQL's libpq{}",
                            harmless ? ": " + reason : ""));
}

Session::Session(PGconn* connection)
    : connection_(connection), opened_at_(std::chrono::steady_clock::now()) {}

Session::~Session() {
    PQfinish(connection_);
}

std::unique_ptr<Session> Session::open(const PostgresOptions& options) {
    // What comes after these, in the connection string, wins.
    const std::array<const char*, 7> names{"fallback_application_name",
                                           "keepalives_idle",
                                           "keepalives_interval",
                                           "keepalives_count",
                                           "tcp_user_timeout",
                                           "dbname",
                                           nullptr};
    const std::array<const char*, 7> values{
        "tarn", "10", "5", "3", "15000", options.connection_string.reveal().c_str(), nullptr};
    const Moment deadline = std::chrono::steady_clock::now() + options.connect_timeout;
    std::unique_ptr<Session> session(
        new Session(PQconnectStartParams(names.data(), values.data(), 1)));
    CHECK(session->connection_ != nullptr, "libpq has memory for a connection");
    session->connect(deadline);
    session->set_up(deadline);
    return session;
}

void Session::connect(Moment deadline) {
    short events = POLLOUT;
    while (true) {
        if (PQstatus(connection_) == CONNECTION_BAD) {
            throw failure(first_line(PQerrorMessage(connection_)));
        }
        wait(events, deadline);
        const PostgresPollingStatusType status = PQconnectPoll(connection_);
        if (status == PGRES_POLLING_OK) break;
        events = status == PGRES_POLLING_READING ? POLLIN : POLLOUT;
    }
    PQsetnonblocking(connection_, 1);
    PQsetNoticeReceiver(connection_, note_notice, nullptr);
}

void Session::set_up(Moment deadline) {
    PQsendQuery(connection_, settings);
    while (PQflush(connection_) == 1) wait(POLLOUT, deadline);
    while (true) {
        while (PQisBusy(connection_) != 0) {
            wait(POLLIN, deadline);
            if (!receive()) lose();
        }
        const ResultPtr result(PQgetResult(connection_));
        if (!result) break;
        if (PQresultStatus(result.get()) != PGRES_COMMAND_OK) {
            throw failure(first_line(PQresultErrorMessage(result.get())));
        }
    }
    const ResultPtr found = query(identity, {}, deadline);
    if (PQntuples(found.get()) == 1) {
        backend_ = {std::string(field_of(found.get(), 0, 0)),
                    std::string(field_of(found.get(), 0, 1))};
    }
}

void Session::wait(short events, Moment deadline) {
    pollfd waited{PQsocket(connection_), events, 0};
    int ready = 0;
    do {
        ready = poll(&waited, 1, milliseconds_until(deadline));
    } while (ready < 0 && errno == EINTR);
    if (ready == 0) throw failure("no answer in time");
}

ResultPtr Session::query(const std::string& statement, std::span<const std::string> parameters,
                         Moment deadline) {
    std::vector<const char*> values;
    values.reserve(parameters.size());
    for (const std::string& parameter : parameters) values.push_back(parameter.c_str());
    if (PQsendQueryParams(connection_, statement.c_str(), static_cast<int>(values.size()), nullptr,
                          values.data(), nullptr, nullptr, 0) == 0) {
        lose();
    }
    while (PQflush(connection_) == 1) wait(POLLOUT, deadline);
    ResultPtr last;
    while (true) {
        while (PQisBusy(connection_) != 0) {
            wait(POLLIN, deadline);
            if (!receive()) lose();
        }
        ResultPtr result(PQgetResult(connection_));
        if (!result) return last;
        const ExecStatusType status = PQresultStatus(result.get());
        if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK) {
            throw Refusal{field_text(result.get(), PG_DIAG_SQLSTATE),
                          first_line(PQresultErrorMessage(result.get()))}
                .error();
        }
        last = std::move(result);
    }
}

bool Session::end_backend(const Backend& backend, Moment deadline) {
    if (backend.pid.empty()) return true;
    const std::array<std::string, 3> parameters{backend.pid, backend.started,
                                                std::to_string(milliseconds_until(deadline))};
    const auto patience = std::chrono::seconds(1);
    const ResultPtr ended = query(ending, parameters, deadline + patience);
    for (int row = 0; row < PQntuples(ended.get()); ++row) {
        if (field_of(ended.get(), row, 0) != "t") return false;
    }
    return true;
}

void Session::enter_pipeline() {
    // Nothing is under way, so only a connection that has ended meanwhile refuses.
    if (PQenterPipelineMode(connection_) != 1) lose();
}

Refusal Session::refusal() const {
    return {"", first_line(PQerrorMessage(connection_))};
}

void Session::lose() {
    throw failure(first_line(PQerrorMessage(connection_)));
}

namespace {

struct Binary {
    explicit Binary(std::span<const std::string_view> parameters) {
        for (const std::string_view parameter : parameters) {
            values[count] = parameter.data();
            lengths[count] = static_cast<int>(parameter.size());
            formats[count] = 1;
            ++count;
        }
    }
    std::array<const char*, 4> values{};
    std::array<int, 4> lengths{};
    std::array<int, 4> formats{};
    std::size_t count = 0;
};

}  // namespace

void Session::send(Verb verb, int table, std::span<const std::string_view> parameters) {
    const std::size_t number = statement_number(verb, table);
    const std::string name = statement_name(verb, table);
    if (!prepared_.test(number)) {
        const std::string text = statement_text(verb, table);
        if (PQsendPrepare(connection_, name.c_str(), text.c_str(), 0, nullptr) == 0) lose();
        prepared_.set(number);
        awaited_.emplace_back(Awaited::preparation, number);
    }
    const Binary binary(parameters);
    if (PQsendQueryPrepared(connection_, name.c_str(), static_cast<int>(binary.count),
                            binary.values.data(), binary.lengths.data(), binary.formats.data(),
                            1) == 0) {
        lose();
    }
    awaited_.emplace_back(Awaited::statement, number);
}

void Session::send(const std::string& statement, std::span<const std::string_view> parameters) {
    const Binary binary(parameters);
    if (PQsendQueryParams(connection_, statement.c_str(), static_cast<int>(binary.count), nullptr,
                          binary.values.data(), binary.lengths.data(), binary.formats.data(),
                          1) == 0) {
        lose();
    }
    awaited_.emplace_back(Awaited::statement, statement_count);
}

void Session::sync() {
    if (PQpipelineSync(connection_) == 0) lose();
    awaited_.emplace_back(Awaited::sync, statement_count);
}

bool Session::flush() {
    const int left = PQflush(connection_);
    if (left < 0) lose();
    return left == 0;
}

// What TLS has decrypted and libpq has not taken yet wakes nobody.
bool Session::receive() {
    auto* const tls = static_cast<SSL*>(PQgetssl(connection_));
    do {
        if (PQconsumeInput(connection_) == 0) return false;
    } while (tls != nullptr && SSL_pending(tls) > 0);
    return true;
}

namespace {

Session::Reply refused_reply(Refusal refusal) {
    Session::Reply reply;
    reply.refusal = std::move(refusal);
    return reply;
}

Session::Reply synced_reply() {
    Session::Reply reply;
    reply.synced = true;
    return reply;
}

}  // namespace

std::optional<Session::Reply> Session::next_reply() {
    while (!awaited_.empty()) {
        if (PQisBusy(connection_) != 0) return std::nullopt;
        ResultPtr result(PQgetResult(connection_));
        if (!result) {
            // Nothing stands between two statements.
            if (PQstatus(connection_) == CONNECTION_BAD) return refused_reply(refusal());
            continue;
        }
        const auto [awaited, number] = awaited_.front();
        const ExecStatusType status = PQresultStatus(result.get());
        const bool well = status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK;
        std::optional<Refusal> refused;
        if (status == PGRES_FATAL_ERROR) {
            refused = Refusal{field_text(result.get(), PG_DIAG_SQLSTATE),
                              field_text(result.get(), PG_DIAG_MESSAGE_PRIMARY)};
            if (refused->state.empty()) return refused_reply(refusal());
        }
        if (awaited == Awaited::sync) {
            if (refused) return refused_reply(std::move(*refused));  // its commit failed
            awaited_.pop_front();
            return synced_reply();
        }
        awaited_.pop_front();
        if (awaited == Awaited::preparation) {
            if (!well) prepared_.reset(number);
            preparation_refusal_ = std::move(refused);
            continue;
        }
        if (preparation_refusal_) refused = std::exchange(preparation_refusal_, std::nullopt);
        Reply reply;
        reply.skipped = !well && !refused;
        reply.refusal = std::move(refused);
        if (well) reply.result = std::move(result);
        return reply;
    }
    return std::nullopt;
}

}  // namespace tarn::kv::postgres
