#include "http/internal/channel.h"

#include <sys/socket.h>
#include <unistd.h>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/error.hpp>

#include <cerrno>
#include <utility>

#include "base/error.h"

namespace tarn::http {

namespace asio = boost::asio;

namespace {

constexpr auto completion = asio::as_tuple(asio::deferred);

bool would_block(int error) {
    return error == EAGAIN || error == EWOULDBLOCK;
}

}  // namespace

Parts& Parts::add(std::string_view bytes) {
    if (bytes.empty()) return *this;
    parts_[static_cast<std::size_t>(count_)] = {const_cast<char*>(bytes.data()), bytes.size()};
    ++count_;
    return *this;
}

void Parts::advance(std::size_t bytes) {
    while (bytes > 0) {
        iovec& part = parts_[static_cast<std::size_t>(first_)];
        const std::size_t step = std::min(bytes, part.iov_len);
        part.iov_base = static_cast<char*>(part.iov_base) + step;
        part.iov_len -= step;
        bytes -= step;
        if (part.iov_len == 0) ++first_;
    }
}

Channel::Channel(Context& context, int descriptor, std::unique_ptr<TlsSession> tls)
    : context_(context), stream_(context.get_executor()), tls_(std::move(tls)) {
    boost::system::error_code error;
    stream_.assign(descriptor, error);
    if (!error) return;
    ::close(descriptor);
    throw Error(Code::exhausted, "no socket can be watched: " + error.message());
}

Channel::~Channel() {
    if (stream_.is_open() && tls_) tls_->close();
}

void Channel::arm(Milliseconds limit) {
    expired_ = false;
    deadline_ = std::chrono::steady_clock::now() + limit;
}

IoStatus Channel::status_of(const boost::system::error_code& error) {
    deadline_ = Moment::max();
    if (!error) return IoStatus::ok;
    if (error == asio::error::eof) return IoStatus::ended;
    return expired_ ? IoStatus::timed_out : IoStatus::failed;
}

Task<IoStatus> Channel::wait(Direction direction, Milliseconds limit) {
    const auto kind = direction == Direction::reading ? Stream::wait_read : Stream::wait_write;
    arm(limit);
    const auto [error] = co_await stream_.async_wait(kind, completion);
    co_return status_of(error);
}

Task<IoStatus> Channel::wait_as(Progress wanted, Milliseconds limit) {
    if (wanted == Progress::ended) co_return IoStatus::ended;
    if (wanted == Progress::failed) co_return IoStatus::failed;
    const auto direction = wanted == Progress::wants_read ? Direction::reading : Direction::writing;
    co_return co_await wait(direction, limit);
}

Task<IoStatus> Channel::handshake(Milliseconds limit) {
    while (true) {
        const Progress progress = tls_->handshake();
        if (progress == Progress::done) co_return IoStatus::ok;
        const IoStatus status = co_await wait_as(progress, limit);
        if (status != IoStatus::ok) co_return status;
    }
}

Task<IoResult> Channel::read(std::span<char> into, Milliseconds limit) {
    if (tls_) co_return co_await read_tls(into, limit);
    arm(limit);
    const auto buffer = asio::buffer(into.data(), into.size());
    const auto [error, size] = co_await stream_.async_read_some(buffer, completion);
    co_return IoResult{status_of(error), size};
}

Task<IoResult> Channel::read_tls(std::span<char> into, Milliseconds limit) {
    while (true) {
        std::size_t size = 0;
        const Progress progress = tls_->read(into, size);
        if (progress == Progress::done) co_return IoResult{IoStatus::ok, size};
        const IoStatus status = co_await wait_as(progress, limit);
        if (status != IoStatus::ok) co_return IoResult{status, 0};
    }
}

IoResult Channel::read_now(std::span<char> into) {
    if (tls_) {
        std::size_t size = 0;
        switch (tls_->read(into, size)) {
            case Progress::done:
                return {IoStatus::ok, size};
            case Progress::ended:
                return {IoStatus::ended, 0};
            case Progress::failed:
                return {IoStatus::failed, 0};
            default:
                return {IoStatus::ok, 0};
        }
    }
    const ssize_t size = ::recv(descriptor(), into.data(), into.size(), MSG_DONTWAIT);
    if (size > 0) return {IoStatus::ok, static_cast<std::size_t>(size)};
    if (size == 0) return {IoStatus::ended, 0};
    return {would_block(errno) ? IoStatus::ok : IoStatus::failed, 0};
}

bool Channel::has_input() {
    char byte = 0;
    const ssize_t size = ::recv(descriptor(), &byte, 1, MSG_DONTWAIT | MSG_PEEK);
    return size >= 0 || !would_block(errno);
}

IoStatus Channel::write_now(Parts& parts, bool more_follows) {
    write_wants_read_ = false;
    while (!parts.empty()) {
        if (tls_) {
            const iovec& part = parts.rest().front();
            std::size_t size = 0;
            const Progress progress =
                tls_->write({static_cast<const char*>(part.iov_base), part.iov_len}, size);
            if (progress == Progress::failed || progress == Progress::ended)
                return IoStatus::failed;
            write_wants_read_ = progress == Progress::wants_read;
            if (progress != Progress::done) return IoStatus::ok;
            parts.advance(size);
            continue;
        }
        msghdr message{};
        message.msg_iov = parts.rest().data();
        message.msg_iovlen = parts.rest().size();
        const int flags = MSG_NOSIGNAL | MSG_DONTWAIT | (more_follows ? MSG_MORE : 0);
        const ssize_t size = ::sendmsg(descriptor(), &message, flags);
        if (size < 0) return would_block(errno) ? IoStatus::ok : IoStatus::failed;
        parts.advance(static_cast<std::size_t>(size));
    }
    return IoStatus::ok;
}

Task<IoStatus> Channel::write(Parts parts, Milliseconds limit) {
    while (true) {
        const IoStatus status = write_now(parts);
        if (status != IoStatus::ok || parts.empty()) co_return status;
        const auto direction = write_wants_read_ ? Direction::reading : Direction::writing;
        const IoStatus ready = co_await wait(direction, limit);
        if (ready != IoStatus::ok) co_return ready;
    }
}

void Channel::expire_if_due(Moment now) {
    if (now < deadline_) return;
    expired_ = true;
    deadline_ = Moment::max();
    interrupt();
}

void Channel::interrupt() {
    boost::system::error_code ignored;
    stream_.cancel(ignored);
}

void Channel::end_sending() {
    if (tls_) tls_->close();
    ::shutdown(descriptor(), SHUT_WR);
}

void Channel::cut() {
    if (!stream_.is_open()) return;
    ::shutdown(descriptor(), SHUT_RDWR);
    interrupt();
}

std::pair<int, std::unique_ptr<TlsSession>> Channel::release() {
    return {stream_.release(), std::move(tls_)};
}

}  // namespace tarn::http
