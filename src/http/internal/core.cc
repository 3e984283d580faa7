#include "http/internal/core.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/posix/basic_stream_descriptor.hpp>
#include <boost/asio/post.hpp>

#include <algorithm>
#include <bit>
#include <cerrno>
#include <cstring>
#include <ctime>
#include <utility>

#include "base/ids.h"
#include "base/log.h"
#include "http/internal/connection.h"
#include "http/internal/listener.h"

namespace tarn::http {

namespace asio = boost::asio;

namespace {

using namespace std::chrono_literals;

constexpr auto completion = asio::as_tuple(asio::deferred);
constexpr int accepted_per_turn_max = 64;

Task<void> run_connection(std::unique_ptr<Connection> connection) {
    co_await connection->run();
}

// An exception out of a connection or a listener is our bug; what remains is to say so.
void report(const std::exception_ptr& failure) {
    if (!failure) return;
    try {
        std::rethrow_exception(failure);
    } catch (const std::exception& error) {
        log::error("a connection ended with an exception: {}", error.what());
    }
}

// Often enough that no limit is overrun by more than a quarter.
std::chrono::milliseconds sweep_period(const ServerOptions& options) {
    const auto shortest = std::min({options.header_timeout, options.body_timeout,
                                    options.write_timeout, options.idle_timeout});
    return std::clamp<std::chrono::milliseconds>(shortest / 4, 5ms, 500ms);
}

}  // namespace

struct Core::Listener {
    Listener(Context& context, int descriptor) : socket(context.get_executor(), descriptor) {}

    asio::posix::basic_stream_descriptor<Context::executor_type> socket;
};

Core::Core(Shared& shared)
    : shared_(shared), work_(context_.get_executor()), sweep_timer_(context_.get_executor()) {
    const std::string seed = random_bytes(sizeof random_state_);
    std::memcpy(random_state_.data(), seed.data(), sizeof random_state_);
}

Core::~Core() = default;

void Core::start(int listener) {
    listener_ = std::make_unique<Listener>(context_, listener);
    asio::co_spawn(context_.get_executor(), accept_all(), report);
    asio::co_spawn(context_.get_executor(), sweep(), report);
}

void Core::finish() {
    work_.reset();
    context_.stop();
}

Task<void> Core::accept_all() {
    while (listener_) {
        const auto kind = asio::posix::descriptor_base::wait_read;
        const auto [error] = co_await listener_->socket.async_wait(kind, completion);
        if (error || !listener_) co_return;
        if (accept_some(accepted_per_turn_max)) continue;
        log::warning("cannot accept connections: {}", std::strerror(errno));
        Timer pause(context_.get_executor(), 50ms);
        const auto [stopped] = co_await pause.async_wait(completion);
        if (stopped) co_return;
    }
}

bool Core::accept_some(int limit) {
    for (int index = 0; index < limit; ++index) {
        const int descriptor = ::accept4(listener_->socket.native_handle(), nullptr, nullptr,
                                         SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (descriptor >= 0) {
            place(descriptor);
        } else if (errno == EAGAIN || errno == EWOULDBLOCK) {
            return true;
        } else if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM) {
            return false;
        }  // other faults are those of one connection that is gone already
    }
    return true;
}

// Keeps the connection, unless another core has clearly fewer.
void Core::place(int descriptor) {
    const int on = 1;
    ::setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    const auto count = [](const auto& core) {
        return core->connections.load(std::memory_order_relaxed);
    };
    const auto& fewest = *std::ranges::min_element(shared_.cores, {}, count);
    const int own = connections.load(std::memory_order_relaxed);
    if (4 * own > 5 * count(fewest) && fewest.get() != this) {
        fewest->adopt(descriptor);
        return;
    }
    connections.fetch_add(1, std::memory_order_relaxed);
    serve(descriptor);
}

void Core::adopt(int descriptor) {
    connections.fetch_add(1, std::memory_order_relaxed);
    asio::post(context_, [this, descriptor] { serve(descriptor); });
}

// Takes over a socket that is counted already.
void Core::serve(int descriptor) {
    try {
        auto tls = shared_.tls ? shared_.tls->accept(descriptor) : nullptr;
        auto connection = std::make_unique<Connection>(*this, descriptor, std::move(tls));
        asio::co_spawn(context_.get_executor(), run_connection(std::move(connection)),
                       [this](const std::exception_ptr& failure) {
                           report(failure);
                           connections.fetch_sub(1, std::memory_order_release);
                       });
    } catch (const std::exception& error) {
        log::error("a connection could not be taken on: {}", error.what());
        connections.fetch_sub(1, std::memory_order_release);
    }
}

Task<void> Core::sweep() {
    const auto period = sweep_period(shared_.options);
    while (true) {
        sweep_timer_.expires_after(period);
        const auto [error] = co_await sweep_timer_.async_wait(completion);
        if (error) co_return;
        const auto now = std::chrono::steady_clock::now();
        for (Connection* connection : enlisted_) connection->channel().expire_if_due(now);
    }
}

void Core::close_listener() {
    if (listener_) {
        accept_some(backlog);
        listener_.reset();
    }
    for (Connection* connection : enlisted_) connection->wake_if_idle();
}

void Core::cut_all() {
    for (Connection* connection : enlisted_) connection->channel().cut();
}

void Core::enlist(Connection& connection) {
    connection.index_in_core = enlisted_.size();
    enlisted_.push_back(&connection);
}

void Core::delist(Connection& connection) {
    enlisted_[connection.index_in_core] = enlisted_.back();
    enlisted_[connection.index_in_core]->index_in_core = connection.index_in_core;
    enlisted_.pop_back();
}

std::string_view Core::date() {
    timespec now{};
    ::clock_gettime(CLOCK_REALTIME_COARSE, &now);
    if (now.tv_sec != date_second_) {
        date_second_ = now.tv_sec;
        date_ = format_http_date(from_unix_seconds(now.tv_sec));
    }
    return date_;
}

namespace {

// Source  Blackman and Vigna, xoshiro256**
std::uint64_t next_random(std::array<std::uint64_t, 4>& state) {
    const std::uint64_t result = std::rotl(state[1] * 5, 7) * 9;
    const std::uint64_t shifted = state[1] << 17;
    state[2] ^= state[0];
    state[3] ^= state[1];
    state[1] ^= state[2];
    state[0] ^= state[3];
    state[2] ^= shifted;
    state[3] = std::rotl(state[3], 45);
    return result;
}

}  // namespace

void Core::make_uuid(std::array<char, 36>& out) {
    constexpr std::string_view digits = "0123456789abcdef";
    constexpr std::uint64_t version = 0x4000;
    std::uint64_t high = next_random(random_state_);
    std::uint64_t low = next_random(random_state_);
    high = (high & ~std::uint64_t{0xf000}) | version;
    low = (low & ~(std::uint64_t{3} << 62)) | (std::uint64_t{2} << 62);
    std::size_t at = 0;
    for (int nibble = 0; nibble < 32; ++nibble) {
        if (nibble == 8 || nibble == 12 || nibble == 16 || nibble == 20) out[at++] = '-';
        const std::uint64_t word = nibble < 16 ? high : low;
        out[at++] = digits[(word >> (60 - 4 * (nibble % 16))) & 15];
    }
}

}  // namespace tarn::http
