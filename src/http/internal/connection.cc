#include "http/internal/connection.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <exception>
#include <utility>

#include "base/bytes.h"
#include "base/log.h"
#include "http/internal/answer.h"

namespace tarn::http {

namespace {

using namespace std::chrono_literals;
using Steady = std::chrono::steady_clock;

constexpr std::size_t room_for_framing = 4 * 1024;  // behind a head, for the framing of its body
constexpr auto last_call = 1'000ms;                 // for a first request once the server stops
constexpr auto linger_time = 2'000ms;
constexpr std::size_t linger_bytes_max = 64 * 1024 * 1024;

std::string address_of_peer(int descriptor) {
    sockaddr_storage address{};
    socklen_t size = sizeof address;
    std::array<char, INET6_ADDRSTRLEN> text{};
    if (::getpeername(descriptor, reinterpret_cast<sockaddr*>(&address), &size) != 0) return {};
    const void* bytes = &reinterpret_cast<const sockaddr_in*>(&address)->sin_addr;
    int family = address.ss_family;
    if (family == AF_INET6) {
        const in6_addr& wide = reinterpret_cast<const sockaddr_in6*>(&address)->sin6_addr;
        const bool mapped = IN6_IS_ADDR_V4MAPPED(&wide);
        bytes = mapped ? &wide.s6_addr[12] : &wide.s6_addr[0];
        if (mapped) family = AF_INET;
    }
    return ::inet_ntop(family, bytes, text.data(), text.size()) == nullptr ? "" : text.data();
}

// Counts a request while it is being answered.
class Running {
public:
    explicit Running(std::atomic<int>& count) : count_(count) {
        count_.fetch_add(1, std::memory_order_relaxed);
    }
    ~Running() { count_.fetch_sub(1, std::memory_order_relaxed); }
    Running(const Running&) = delete;
    Running& operator=(const Running&) = delete;

private:
    std::atomic<int>& count_;
};

// What went wrong in a handler, for the log.
std::string describe(const std::exception_ptr& failure) {
    try {
        std::rethrow_exception(failure);
    } catch (const std::exception& error) {
        return error.what();
    } catch (...) {
        return "unknown exception";
    }
}

}  // namespace

Connection::Connection(Core& core, int descriptor, std::unique_ptr<TlsSession> tls)
    : core_(core),
      shared_(core.shared()),
      channel_(core.context(), descriptor, std::move(tls)),
      body_(channel_, buffer_, shared_.buffers,
            {shared_.options.body_bytes_max, shared_.options.body_timeout}),
      peer_address_(address_of_peer(descriptor)) {
    core_.enlist(*this);
}

Connection::~Connection() {
    core_.delist(*this);
}

std::string_view Connection::id() const {
    if (!has_id_) core_.make_uuid(id_);
    has_id_ = true;
    return {id_.data(), id_.size()};
}

void Connection::wake_if_idle() {
    if (!is_idle_) return;
    was_woken_ = true;
    channel_.interrupt();
}

Task<void> Connection::run() {
    if (channel_.is_tls()) {
        const IoStatus status = co_await channel_.handshake(shared_.options.header_timeout);
        if (status != IoStatus::ok) co_return;
    }
    while (true) {
        const Next next = co_await read_head();
        if (next == Next::end) co_return;
        if (next == Next::refusal) {
            co_await answer_refusal();
            co_return;
        }
        const bool again = co_await serve();
        if (!again) co_return;
        served_any_ = true;
        buffer_.drop_head();
        scanner_.reset();
        // The time of a head that came in part along with its predecessor begins now.
        if (!buffer_.empty()) head_deadline_ = Steady::now() + shared_.options.header_timeout;
    }
}

Connection::Next Connection::refuse(int status) {
    refusal_status_ = status;
    return Next::refusal;
}

// How long the next byte of a head may take.
Connection::Milliseconds Connection::patience() const {
    if (!buffer_.empty()) {
        const auto left = std::chrono::ceil<Milliseconds>(head_deadline_ - Steady::now());
        return std::max(left, Milliseconds(0));
    }
    if (shared_.stopping.load(std::memory_order_relaxed)) return served_any_ ? 0ms : last_call;
    return served_any_ ? shared_.options.idle_timeout : shared_.options.header_timeout;
}

// Speaks something else than HTTP, such as TLS, to this port?
bool Connection::seems_http() const {
    const char first = buffer_.view().front();
    return first >= 'A' && first <= 'z';
}

Task<Connection::Next> Connection::read_head() {
    while (true) {
        if (buffer_.view().starts_with("\r\n")) {  // some old clients send it after a body
            buffer_.consume(2);
            buffer_.drop_head();
        }
        const bool complete_line = buffer_.view().size() != 1 || buffer_.view().front() != '\r';
        if (!buffer_.empty() && complete_line) {
            const Next next = take_head();
            if (next == Next::request || refusal_status_ != 0) co_return next;
        }
        const bool more = co_await read_more();
        if (refusal_status_ != 0) co_return Next::refusal;
        if (!more) co_return Next::end;
    }
}

// `end` with no refusal status: the head is not complete.
Connection::Next Connection::take_head() {
    if (!seems_http()) return refuse(400);
    const ServerOptions& options = shared_.options;
    const auto found = scanner_.scan(buffer_.view());
    if (found == HeadScanner::Found::bad) return refuse(400);
    const bool in_first_line = buffer_.view().find('\n') == std::string_view::npos;
    if (found == HeadScanner::Found::more) {
        const std::size_t size = buffer_.view().size();
        if (in_first_line && size > options.target_bytes_max + 64) return refuse(414);
        if (size >= options.header_bytes_max) return refuse(431);
        return Next::end;
    }
    const std::size_t head_bytes = scanner_.head_bytes();
    if (head_bytes > options.header_bytes_max) return refuse(431);
    if (buffer_.capacity() - head_bytes < room_for_framing) buffer_.reserve(room_for_framing);
    const std::string_view bytes = buffer_.view().substr(0, head_bytes);
    const int status = parse_request_head(bytes, options.target_bytes_max, head_);
    if (status != 0) return refuse(status);
    if (options.body_bytes_max > 0 && head_.content_length > options.body_bytes_max)
        return refuse(413);
    buffer_.keep_head(head_bytes);
    return Next::request;
}

Task<bool> Connection::read_more() {
    const bool is_first_byte = buffer_.empty();
    if (is_first_byte && served_any_ && shared_.stopping.load(std::memory_order_relaxed)) {
        buffer_.reserve(1);
        const IoResult last = channel_.read_now(buffer_.room());
        buffer_.filled(last.bytes);
        co_return last.bytes > 0;
    }
    buffer_.reserve(1);
    is_idle_ = is_first_byte;
    const IoResult got = co_await channel_.read(buffer_.room(), patience());
    is_idle_ = false;
    if (got.status == IoStatus::timed_out && !is_first_byte) refusal_status_ = 408;
    if (got.status == IoStatus::failed && is_first_byte) {
        // Woken because the server stops: a request may have come at the same moment.
        co_return std::exchange(was_woken_, false);
    }
    if (got.status != IoStatus::ok) co_return false;
    if (is_first_byte) head_deadline_ = Steady::now() + shared_.options.header_timeout;
    buffer_.filled(got.bytes);
    co_return true;
}

Task<Response> Connection::handle() {
    std::exception_ptr failure;
    try {
        co_return co_await shared_.handler(*this);
    } catch (...) {
        failure = std::current_exception();
    }
    log::error("request {} {} {} failed: {}", id(), method(), path(), describe(failure));
    handler_failed_ = true;
    co_return make_response(500, "text/plain", "internal error\n");
}

Task<bool> Connection::serve() {
    started_ = Steady::now();
    has_id_ = false;
    handler_failed_ = false;
    body_.begin(head_.framing, head_.content_length, head_.expects_continue);
    core_.total.fetch_add(1, std::memory_order_relaxed);
    const bool is_full =
        core_.running.load(std::memory_order_relaxed) >= shared_.options.requests_per_core_max;
    if (is_full && path() != shared_.options.exempt_path) {
        core_.refused.fetch_add(1, std::memory_order_relaxed);
        Response refusal = make_response(503, "text/plain", "too many requests are running\n");
        refusal.fields.add("Retry-After", "1");
        co_return co_await answer(std::move(refusal));
    }
    const Running running(core_.running);
    Response response = co_await handle();
    co_return co_await answer(std::move(response));
}

Task<bool> Connection::answer(Response response) {
    const bool bodiless = response.status < 200 || response.status == 204 || response.status == 304;
    const bool with_body = !bodiless && !response.head_only && head_.method != "HEAD";
    HeadFacts facts;
    facts.date = core_.date();
    facts.content_length = size_of(response.body);
    if (response.declared_size && !with_body) facts.content_length = response.declared_size;
    if (bodiless && !(response.status == 304 && response.declared_size))
        facts.content_length.reset();
    facts.chunked = !bodiless && !facts.content_length && head_.minor_version == 1;
    const bool ends_with_connection = with_body && !facts.content_length && !facts.chunked;
    facts.close = response.close || handler_failed_ || !head_.keep_alive || ends_with_connection ||
                  !body_.can_be_skipped() || shared_.draining.load(std::memory_order_relaxed);
    facts.keep_alive_said = head_.minor_version == 0;

    Answer sender(
        {channel_, shared_.workers, shared_.buffers, out_, shared_.options.write_timeout});
    const bool sent = co_await sender.send(response, facts, with_body);
    const bool logged = log::enabled(shared_.options.access_log_level);
    if (logged) write_access_log(response.status, sender.body_bytes());
    response = Response();
    if (!sent) {
        channel_.cut();
        co_return false;
    }
    if (facts.close) {
        if (!body_.at_end() || !buffer_.empty()) co_await linger();
        co_return false;
    }
    co_return co_await body_.skip();
}

Task<void> Connection::answer_refusal() {
    Response response = make_response(refusal_status_, "text/plain",
                                      std::string(reason_of(refusal_status_)) + "\n");
    HeadFacts facts;
    facts.date = core_.date();
    facts.close = true;
    facts.content_length = size_of(response.body);
    core_.refused.fetch_add(1, std::memory_order_relaxed);
    Answer sender(
        {channel_, shared_.workers, shared_.buffers, out_, shared_.options.write_timeout});
    const bool sent = co_await sender.send(response, facts, true);
    const log::Level level = shared_.options.access_log_level;
    if (log::enabled(level)) {
        log::write(level,
                   fmt::format("- {} malformed request: {}", peer_address_, refusal_status_));
    }
    if (sent) co_await linger();
}

Task<void> Connection::linger() {
    channel_.end_sending();
    const auto until = Steady::now() + linger_time;
    std::array<char, 16 * 1024> scratch;
    std::size_t dropped = 0;
    while (dropped < linger_bytes_max) {
        const auto left = std::chrono::duration_cast<Milliseconds>(until - Steady::now());
        if (left <= 0ms || shared_.stopping.load(std::memory_order_relaxed)) co_return;
        const IoResult got = co_await channel_.read(scratch, left);
        if (got.status != IoStatus::ok) co_return;
        dropped += got.bytes;
    }
}

void Connection::write_access_log(int status, std::uint64_t bytes) {
    const auto taken =
        std::chrono::duration_cast<std::chrono::microseconds>(Steady::now() - started_);
    log::write(shared_.options.access_log_level,
               fmt::format("{} {} {} {} {} {} B {} us", id(), peer_address_, method(), path(),
                           status, bytes, taken.count()));
}

}  // namespace tarn::http
