#include "kv/postgres/internal/lane.h"

#include <algorithm>
#include <boost/asio/post.hpp>
#include <iterator>
#include <utility>

#include "base/failure_point.h"
#include "base/log.h"

namespace tarn::kv::postgres {
namespace {

constexpr std::size_t rounds_max = 2;
// A second round is worth its statements when it is no crumb of the first.
constexpr std::size_t second_round_calls_min = 8;

}  // namespace

Lane::Lane(Context& context, Workers& workers, const PostgresOptions& options,
           const PostgresSeams& seams, const Spread& spread)
    : context_(context),
      workers_(workers),
      options_(options),
      seams_(seams),
      spread_(spread),
      alarm_(context) {}

Lane::~Lane() = default;

void Lane::start() {
    boost::asio::post(context_, [this] { begin_connecting(); });
}

void Lane::submit(const CallPtr& call) {
    call->deadline = std::chrono::steady_clock::now() + options_.request_timeout;
    bool wake = false;
    {
        const std::lock_guard lock(mutex_);
        if (is_away_) throw away();
        if (operations_ + call->steps.size() > options_.queue_operations_max ||
            bytes_ + call->bytes > options_.queue_bytes_max) {
            throw Error(Code::exhausted, "PostgreSQL: too many calls wait", "kv_queue");
        }
        operations_ += call->steps.size();
        bytes_ += call->bytes;
        inbox_.push_back(call);
        wake = !std::exchange(is_woken_, true);
    }
    if (wake) boost::asio::post(context_, [this] { pump(); });
}

void Lane::stop() {
    boost::asio::post(context_, [this] {
        is_stopping_ = true;
        stop_deadline_ = std::chrono::steady_clock::now() + options_.request_timeout;
        stopped_.notify();
        arm_tick();
        pump();
    });
}

void Lane::take_inbox() {
    std::vector<CallPtr> arrived;
    {
        const std::lock_guard lock(mutex_);
        arrived.swap(inbox_);
        is_woken_ = false;
    }
    for (CallPtr& call : arrived) {
        unexpired_.push_back(call);
        queue_.push_back(std::move(call));
    }
    if (!arrived.empty()) arm_tick();
}

void Lane::pump() {
    take_inbox();
    send_rounds();
    announce();
    close_when_idle();
}

bool Lane::has_work() const {
    return !queue_.empty() || !redo_.empty();
}

bool Lane::may_send() const {
    if (!wire_ || !has_work() || rounds_.size() >= rounds_max) return false;
    if (seams_.held != nullptr && seams_.held->load()) return false;
    return rounds_.empty() || !redo_.empty() || queue_.size() >= second_round_calls_min;
}

void Lane::send_rounds() {
    renew_when_old();
    try {
        while (may_send()) send_round();
        if (wire_) flush();
    } catch (const Error& error) {
        lose(error.message());
    }
}

// Takes what fits. What meets a write of the same key keeps its place for the next round.
void Lane::gather(std::deque<CallPtr>& from, int caution, RoundBuilder& builder) {
    std::vector<CallPtr> deferred;
    while (!from.empty() && !builder.is_full() && from.front()->caution == caution) {
        const CallPtr call = std::move(from.front());
        from.pop_front();
        const bool was_sent = call->next > 0 || call->sent_until > 0;
        if (call->is_answered && was_sent) {
            finish(*call);
        } else if (!builder.add(call)) {
            deferred.push_back(call);
        }
    }
    from.insert(from.begin(), deferred.begin(), deferred.end());
}

void Lane::send_round() {
    std::deque<CallPtr>& from = redo_.empty() ? queue_ : redo_;
    const int caution = from.front()->caution;
    RoundBuilder builder(caution, spread_);
    gather(from, caution, builder);
    if (builder.is_empty()) return;
    if (rounds_.empty()) progress_at_ = std::chrono::steady_clock::now();
    rounds_.push_back(builder.build());
    for (const Segment& segment : rounds_.back().segments) {
        for (const Statement& statement : segment.statements) send_statement(statement);
        wire_->session().sync();
        if (has_failure_points()) flush();  // or the segments would leave together
        failure_point("postgres: segment sent");
    }
}

void Lane::send_statement(const Statement& statement) {
    const bool has_value = statement.verb != Verb::find && statement.verb != Verb::remove;
    const std::size_t count = statement.verb == Verb::put_equals ? 4 : has_value ? 3 : 2;
    for (std::size_t at = 0; at < count; ++at) arrays_[at].clear(statement.rows.size());
    for (const Row& row : statement.rows) {
        arrays_[0].append(row.key->partition);
        arrays_[1].append(row.key->name);
        if (count > 2) arrays_[2].append(row.value);
        if (count > 3) arrays_[3].append(row.expected);
    }
    std::array<std::string_view, 4> parameters;
    for (std::size_t at = 0; at < count; ++at) parameters[at] = arrays_[at].bytes();
    wire_->session().send(statement.verb, statement.table,
                          std::span<const std::string_view>(parameters.data(), count));
}

void Lane::flush() {
    if (is_flushing_ || wire_->session().flush()) return;
    is_flushing_ = true;
    wire_->when_writable([this] {
        is_flushing_ = false;
        pump();
    });
}

void Lane::watch() {
    wire_->when_readable([this] {
        read_replies();
        pump();
        if (wire_) watch();
    });
}

void Lane::read_replies() {
    Wire* const wire = wire_.get();
    const bool open = wire->session().receive();
    while (!rounds_.empty()) {
        auto reply = wire->session().next_reply();
        if (!reply) break;
        if (!take(std::move(*reply))) return;
    }
    if (!open) lose("the server closed the connection");
}

// False when the connection is lost.
bool Lane::take(Session::Reply reply) {
    if (reply.refusal && reply.refusal->is_loss()) {
        lose(reply.refusal->message);
        return false;
    }
    progress_at_ = std::chrono::steady_clock::now();
    Round& round = rounds_.front();
    Segment& segment = round.segments[round.segment];
    if (reply.synced) {
        if (segment.refusal) {
            refuse(segment);
        } else {
            failure_point("postgres: segment done");
            settle(segment);
        }
        round.statement = 0;
        if (++round.segment == round.segments.size()) end_round();
        return true;
    }
    if (reply.refusal) segment.refusal = std::move(reply.refusal);
    if (round.statement == segment.statements.size()) return true;  // the commit was refused
    Statement& statement = segment.statements[round.statement++];
    if (reply.result) read_result(reply.result.get(), statement);
    return true;
}

// Nothing of the segment has happened. Those whose turn it was are tried again more carefully, or
// have been all that the database refused.
void Lane::refuse(Segment& segment) {
    for (const Statement& statement : segment.statements) {
        for (const Slot& slot : statement.slots) {
            Call& call = *slot.call;
            if (call.next != slot.step || call.failure || call.is_answered) continue;
            if (call.caution < 2) {
                ++call.caution;
                continue;
            }
            call.failure = segment.refusal->error();
            log::warning("refused: {}", call.failure->message());
        }
    }
}

void Lane::end_round() {
    const Round round = std::move(rounds_.front());
    rounds_.pop_front();
    has_served_ = true;
    for (auto call = round.calls.rbegin(); call != round.calls.rend(); ++call) put_back(*call);
}

}  // namespace tarn::kv::postgres
