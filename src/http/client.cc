#include "http/client.h"

#include <fmt/format.h>

#include <boost/asio/this_coro.hpp>

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <utility>

#include "base/error.h"
#include "http/internal/client_connection.h"
#include "http/internal/serialize.h"
#include "http/internal/syntax.h"

namespace tarn::http {

namespace {

using namespace std::chrono_literals;

constexpr std::size_t head_bytes_max = 128 * 1024;
constexpr std::size_t slice_bytes_max = 256 * 1024;
constexpr std::size_t unsized_slice_bytes = 64 * 1024;
constexpr std::size_t room_for_framing = 4 * 1024;
constexpr auto continue_patience = 1'000ms;

using Connection = std::shared_ptr<ClientConnection>;

// How the sending of a request went.
enum class Sent {
    all,
    nothing_taken,  // the connection was closed before
    cut_short,      // the server stopped listening; it may have answered
};

// An answer's body. It gives its connection back at the end, or closes it when it is let go before.
class AnswerBody final : public ByteSource {
public:
    AnswerBody(Connection connection, std::function<void(ClientConnection&)> give_back,
               std::chrono::milliseconds timeout, const ResponseHead& head)
        : connection_(std::move(connection)),
          give_back_(std::move(give_back)),
          timeout_(timeout),
          reader_(connection_->channel, connection_->buffer) {
        if (head.framing == Framing::fixed) size_ = head.content_length;
        if (head.framing == Framing::none) size_ = 0;
        reader_.begin(head.framing, head.content_length, 0);
        finish_if_ended();
    }

    std::optional<std::uint64_t> size() const override { return size_; }

    Task<Slice> next() override {
        if (!connection_) co_return Slice{};
        const bool is_fixed = reader_.framing() == Framing::fixed;
        const std::size_t wanted =
            is_fixed
                ? static_cast<std::size_t>(std::min<std::uint64_t>(reader_.left(), slice_bytes_max))
                : unsized_slice_bytes;
        const std::shared_ptr<char[]> buffer = std::make_shared_for_overwrite<char[]>(wanted);
        std::size_t size = 0;
        try {
            size = co_await reader_.fill({buffer.get(), wanted}, timeout_, is_fixed);
        } catch (const Error& error) {
            connection_.reset();
            throw Error(Code::unavailable, error.message(), error.detail());
        }
        finish_if_ended();
        if (size == 0) co_return Slice{};
        Slice slice{buffer, {buffer.get(), size}};
        co_return slice;
    }

private:
    void finish_if_ended() {
        if (!reader_.at_end()) return;
        if (give_back_ && connection_->buffer.empty()) give_back_(*connection_);
        connection_.reset();
    }

    Connection connection_;
    std::function<void(ClientConnection&)> give_back_;  // none: the connection cannot be used again
    std::chrono::milliseconds timeout_;
    BodyReader reader_;
    std::optional<std::uint64_t> size_;
};

bool is_idempotent(std::string_view method) {
    return method != "POST" && method != "PATCH";
}

void check(const OutgoingRequest& request) {
    const bool good = !request.method.empty() && syntax::all(syntax::token, request.method) &&
                      !request.target.empty() && syntax::all(syntax::target, request.target);
    if (!good) throw Error(Code::invalid_argument, "a request's method or target is malformed");
}

Error broken_answer(const Origin& origin, std::string_view why) {
    return {Code::unavailable, fmt::format("'{}': {}", origin.host_field, why)};
}

Task<bool> write(ClientConnection& connection, Parts parts, std::chrono::milliseconds limit) {
    const IoStatus status = co_await connection.channel.write(parts, limit);
    co_return status == IoStatus::ok;
}

}  // namespace

struct Client::State : std::enable_shared_from_this<Client::State> {
    explicit State(ClientOptions given)
        : options(std::move(given)),
          tls(TlsContext::client(options.verify_certificates, options.authority_file)),
          idle(options) {}

    // Sends head and body. `early`: an answer that came before the body was sent whole.
    Task<Sent> send_request(ClientConnection& connection, const OutgoingRequest& request,
                            const Origin& origin, std::optional<ResponseHead>& early);
    Task<Sent> send_body(ClientConnection& connection, const OutgoingRequest& request,
                         const Origin& origin, std::optional<ResponseHead>& early);
    // Reads a head into `head`, whose views then point into the connection's buffer; false when the
    // connection ends before a whole one. Errors  unavailable: malformed, or time over.
    Task<bool> read_head(ClientConnection& connection, const OutgoingRequest& request,
                         const Origin& origin, std::chrono::milliseconds limit, ResponseHead& head);
    Task<bool> read_final_head(ClientConnection& connection, const OutgoingRequest& request,
                               const Origin& origin, ResponseHead& head);
    // One attempt; nothing when the connection proved to be closed and nothing has happened yet.
    Task<std::optional<IncomingResponse>> attempt(Connection connection,
                                                  const OutgoingRequest& request,
                                                  const Origin& origin);
    IncomingResponse make_answer(Connection connection, const ResponseHead& head, bool may_be_kept);

    const ClientOptions options;
    const TlsContext tls;
    IdleConnections idle;
};

Task<bool> Client::State::read_head(ClientConnection& connection, const OutgoingRequest& request,
                                    const Origin& origin, std::chrono::milliseconds limit,
                                    ResponseHead& head) {
    ReadBuffer& buffer = connection.buffer;
    buffer.drop_head();
    HeadScanner scanner;
    while (true) {
        const auto found = scanner.scan(buffer.view());
        if (found == HeadScanner::Found::bad)
            throw broken_answer(origin, "the answer is malformed");
        if (found == HeadScanner::Found::end) break;
        if (buffer.view().size() >= head_bytes_max) {
            throw broken_answer(origin, "the answer's head is too large");
        }
        buffer.reserve(1);
        const IoResult got = co_await connection.channel.read(buffer.room(), limit);
        if (got.status == IoStatus::timed_out) {
            throw Error(Code::unavailable,
                        fmt::format("'{}': no answer in time", origin.host_field), "timeout");
        }
        if (got.status != IoStatus::ok && buffer.empty()) co_return false;
        if (got.status != IoStatus::ok) throw broken_answer(origin, "the answer broke off");
        buffer.filled(got.bytes);
    }
    const std::size_t size = scanner.head_bytes();
    if (buffer.capacity() - size < room_for_framing) buffer.reserve(room_for_framing);
    if (!parse_response_head(buffer.view().substr(0, size), request.method, head) ||
        head.status == 101) {
        throw broken_answer(origin, "the answer is malformed");
    }
    buffer.keep_head(size);
    co_return true;
}

Task<bool> Client::State::read_final_head(ClientConnection& connection,
                                          const OutgoingRequest& request, const Origin& origin,
                                          ResponseHead& head) {
    constexpr int interim_answers_max = 16;
    for (int count = 0; count < interim_answers_max; ++count) {
        const bool read =
            co_await read_head(connection, request, origin, options.response_timeout, head);
        if (!read) co_return false;
        if (head.status >= 200) co_return true;
    }
    throw broken_answer(origin, "too many interim answers");
}

Task<Sent> Client::State::send_body(ClientConnection& connection, const OutgoingRequest& request,
                                    const Origin& origin, std::optional<ResponseHead>& early) {
    const auto promised = request.body->size();
    std::uint64_t total = 0;
    std::array<char, 20> hex;
    while (true) {
        const Slice piece = co_await request.body->next();
        total += piece.bytes.size();
        if (promised && (total > *promised || (piece.empty() && total < *promised))) {
            throw Error(Code::invalid_argument, "a request's body is not as long as it said");
        }
        Parts parts;
        if (!promised) {
            char* end = std::to_chars(hex.data(), hex.data() + 16, piece.bytes.size(), 16).ptr;
            *end++ = '\r';
            *end++ = '\n';
            parts.add({hex.data(), end}).add(piece.bytes).add("\r\n");
        } else {
            parts.add(piece.bytes);
        }
        const bool sent = co_await write(connection, parts, options.response_timeout);
        if (!sent) co_return Sent::cut_short;
        if (piece.empty()) co_return Sent::all;
        if (connection.channel.is_tls() || !connection.channel.has_input()) continue;
        ResponseHead head;
        const bool read =
            co_await read_head(connection, request, origin, options.response_timeout, head);
        if (!read) co_return Sent::cut_short;
        if (head.status < 200) continue;
        early = std::move(head);
        co_return Sent::cut_short;
    }
}

Task<Sent> Client::State::send_request(ClientConnection& connection, const OutgoingRequest& request,
                                       const Origin& origin, std::optional<ResponseHead>& early) {
    std::string head;
    append_request_head(head, request, origin.host_field);
    Parts parts;
    parts.add(head);
    const bool waits = request.body != nullptr && request.fields.find("Expect").has_value();
    const bool more_follows = request.body != nullptr && !waits;
    const IoStatus at_once = connection.channel.write_now(parts, more_follows);
    if (at_once != IoStatus::ok) co_return Sent::nothing_taken;
    if (!parts.empty()) {
        const bool sent = co_await write(connection, parts, options.response_timeout);
        if (!sent) co_return Sent::nothing_taken;
    }
    if (waits) {
        const IoStatus ready =
            co_await connection.channel.wait(Channel::Direction::reading, continue_patience);
        if (ready == IoStatus::ok) {
            ResponseHead first;
            const bool read =
                co_await read_head(connection, request, origin, options.response_timeout, first);
            if (!read) co_return Sent::nothing_taken;
            if (first.status >= 200) early = std::move(first);
        }
    }
    if (request.body == nullptr || early) co_return Sent::all;
    co_return co_await send_body(connection, request, origin, early);
}

IncomingResponse Client::State::make_answer(Connection connection, const ResponseHead& head,
                                            bool may_be_kept) {
    IncomingResponse answer;
    answer.status = head.status;
    for (const auto& [name, value] : head.fields) answer.fields.add(name, value);
    std::function<void(ClientConnection&)> give_back;
    if (may_be_kept && head.keep_alive) {
        give_back = [self = shared_from_this()](ClientConnection& used) { self->idle.keep(used); };
    }
    answer.body = std::make_unique<AnswerBody>(std::move(connection), std::move(give_back),
                                               options.response_timeout, head);
    return answer;
}

Task<std::optional<IncomingResponse>> Client::State::attempt(Connection connection,
                                                             const OutgoingRequest& request,
                                                             const Origin& origin) {
    const auto period =
        std::clamp<std::chrono::milliseconds>(options.response_timeout / 4, 5ms, 250ms);
    connection->watch(period);
    std::optional<ResponseHead> early;
    const Sent sent = co_await send_request(*connection, request, origin, early);
    if (sent == Sent::nothing_taken) co_return std::nullopt;
    if (early) co_return make_answer(std::move(connection), *early, false);
    ResponseHead head;
    const bool answered = co_await read_final_head(*connection, request, origin, head);
    if (answered) co_return make_answer(std::move(connection), head, sent == Sent::all);
    if (request.body != nullptr || !is_idempotent(request.method)) {
        throw broken_answer(origin, "the connection ended without an answer");
    }
    co_return std::nullopt;
}

Client::Client(ClientOptions options) {
    ignore_broken_pipes();
    state_ = std::make_shared<State>(std::move(options));
}

Client::~Client() = default;

Task<IncomingResponse> Client::send(OutgoingRequest request) {
    const std::shared_ptr<State> state = state_;
    check(request);
    const Origin origin = parse_origin(request.url);
    const auto executor = co_await boost::asio::this_coro::executor;
    Context& context = executor.context();

    Connection pooled = state->idle.find(origin.key, context);
    if (pooled) {
        auto answer = co_await state->attempt(std::move(pooled), request, origin);
        if (answer) co_return std::move(*answer);
    }
    const TlsContext* tls = origin.is_tls ? &state->tls : nullptr;
    Connection fresh = co_await connect(context, origin, state->options, tls);
    auto answer = co_await state->attempt(std::move(fresh), request, origin);
    if (!answer) throw broken_answer(origin, "the connection ended without an answer");
    co_return std::move(*answer);
}

}  // namespace tarn::http
