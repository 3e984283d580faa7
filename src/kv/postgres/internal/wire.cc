#include "kv/postgres/internal/wire.h"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/basic_waitable_timer.hpp>
#include <boost/asio/posix/basic_stream_descriptor.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <utility>

namespace tarn::kv::postgres {
namespace {

namespace asio = boost::asio;
using Descriptor = asio::posix::basic_stream_descriptor<Context::executor_type>;
using SteadyTimer = asio::basic_waitable_timer<std::chrono::steady_clock,
                                               asio::wait_traits<std::chrono::steady_clock>,
                                               Context::executor_type>;

}  // namespace

struct Wire::Socket {
    Socket(Context& context, int number) : descriptor(context.get_executor(), number) {}

    void when(Descriptor::wait_type ready, std::function<void()> handler) {
        const std::weak_ptr<bool> watched = alive;
        descriptor.async_wait(ready, [watched, handler = std::move(handler)](auto failure) {
            if (!failure && !watched.expired()) handler();
        });
    }

    Descriptor descriptor;
    std::shared_ptr<bool> alive = std::make_shared<bool>(true);
};

Wire::Wire(Context& context, std::unique_ptr<Session> session)
    : session_(std::move(session)),
      socket_(std::make_unique<Socket>(context, session_->socket())) {}

Wire::~Wire() {
    if (session_) socket_->descriptor.release();  // the session closes it
}

std::unique_ptr<Session> Wire::release() {
    socket_->descriptor.release();
    return std::move(session_);
}

void Wire::when_readable(std::function<void()> handler) {
    socket_->when(Descriptor::wait_read, std::move(handler));
}

void Wire::when_writable(std::function<void()> handler) {
    socket_->when(Descriptor::wait_write, std::move(handler));
}

Task<bool> Wire::wait(Readiness readiness, Moment deadline) {
    Descriptor& descriptor = socket_->descriptor;
    SteadyTimer timer(descriptor.get_executor(), deadline);
    const std::weak_ptr<bool> watched = socket_->alive;
    timer.async_wait([watched, &descriptor](auto cancelled) {
        if (!cancelled && !watched.expired()) descriptor.cancel();
    });
    const auto ready =
        readiness == Readiness::readable ? Descriptor::wait_read : Descriptor::wait_write;
    constexpr auto token = asio::as_tuple(asio::use_awaitable_t<Context::executor_type>());
    const auto [failure] = co_await descriptor.async_wait(ready, token);
    co_return !failure;
}

struct Alarm::Timer {
    explicit Timer(Context& context) : timer(context.get_executor()) {}
    SteadyTimer timer;
    std::shared_ptr<bool> alive = std::make_shared<bool>(true);
};

Alarm::Alarm(Context& context) : timer_(std::make_unique<Timer>(context)) {}

Alarm::~Alarm() = default;

void Alarm::set(std::chrono::milliseconds delay, std::function<void()> handler) {
    timer_->timer.expires_after(delay);
    const std::weak_ptr<bool> watched = timer_->alive;
    timer_->timer.async_wait([watched, handler = std::move(handler)](auto cancelled) {
        if (!cancelled && !watched.expired()) handler();
    });
}

void Alarm::cancel() {
    timer_->timer.cancel();
}

}  // namespace tarn::kv::postgres
