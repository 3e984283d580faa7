#include "http/internal/client_connection.h"

#include <fmt/format.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/ip/basic_resolver.hpp>
#include <boost/asio/ip/tcp.hpp>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include "base/error.h"
#include "base/signal.h"

namespace tarn::http {

namespace asio = boost::asio;
using Tcp = asio::ip::tcp;

namespace {

Error not_sent(const Origin& origin, std::string_view why) {
    return {Code::unavailable, fmt::format("cannot reach '{}': {}", origin.host_field, why),
            "not_sent"};
}

}  // namespace

ClientConnection::ClientConnection(Context& context, int descriptor,
                                   std::unique_ptr<TlsSession> tls, std::string origin_key)
    : channel(context, descriptor, std::move(tls)),
      key(std::move(origin_key)),
      timer_(context.get_executor()) {}

ClientConnection::~ClientConnection() = default;

void ClientConnection::watch(std::chrono::milliseconds period) {
    timer_.expires_after(period);
    timer_.async_wait([weak = weak_from_this(), period](const boost::system::error_code& error) {
        const auto self = weak.lock();
        if (error || !self) return;
        self->channel.expire_if_due(std::chrono::steady_clock::now());
        self->watch(period);
    });
}

IdleConnections::~IdleConnections() {
    for (auto& [key, list] : idle_) {
        for (Idle& idle : list) drop(idle);
    }
}

void IdleConnections::drop(Idle& idle) {
    if (idle.tls) idle.tls->close();
    ::close(idle.descriptor);
}

// The oldest stand first.
void IdleConnections::drop_old(std::vector<Idle>& idle) const {
    const auto limit = std::chrono::steady_clock::now() - options_.idle_timeout;
    const auto young =
        std::ranges::find_if(idle, [limit](const Idle& one) { return one.since > limit; });
    std::for_each(idle.begin(), young, drop);
    idle.erase(idle.begin(), young);
}

std::shared_ptr<ClientConnection> IdleConnections::find(const std::string& key, Context& context) {
    while (true) {
        std::unique_lock lock(mutex_);
        const auto found = idle_.find(key);
        if (found == idle_.end()) return nullptr;
        drop_old(found->second);
        if (found->second.empty()) {
            idle_.erase(found);
            return nullptr;
        }
        Idle idle = std::move(found->second.back());
        found->second.pop_back();
        lock.unlock();
        auto connection =
            std::make_shared<ClientConnection>(context, idle.descriptor, std::move(idle.tls), key);
        connection->is_reused = true;
        if (!connection->channel.has_input()) return connection;
    }
}

void IdleConnections::keep(ClientConnection& connection) {
    auto [descriptor, tls] = connection.channel.release();
    Idle idle{descriptor, std::move(tls), std::chrono::steady_clock::now()};
    const std::lock_guard lock(mutex_);
    auto& list = idle_[connection.key];
    drop_old(list);
    if (list.size() < static_cast<std::size_t>(options_.idle_connections_per_host_max)) {
        list.push_back(std::move(idle));
    } else {
        drop(idle);
    }
}

namespace {

using Resolver = asio::ip::basic_resolver<Tcp, Context::executor_type>;

struct Resolved {
    std::vector<Tcp::endpoint> endpoints;
    std::string failure;
};

// Resolving goes on behind the back of a caller that has given up, so it owns what it uses.
Task<void> resolve_into(Context& context, std::string host, std::string port,
                        std::shared_ptr<Resolved> resolved, Signal done) {
    Resolver resolver(context.get_executor());
    const auto completion = asio::as_tuple(asio::deferred);
    const auto [error, found] = co_await resolver.async_resolve(host, port, completion);
    if (error) resolved->failure = error.message();
    for (const auto& entry : found) resolved->endpoints.push_back(entry.endpoint());
    done.notify();
}

Task<std::vector<Tcp::endpoint>> resolve(Context& context, const Origin& origin,
                                         std::chrono::milliseconds limit) {
    boost::system::error_code not_literal;
    const auto address = asio::ip::make_address(origin.host, not_literal);
    if (!not_literal) {
        const auto port = static_cast<unsigned short>(std::stoi(origin.port));
        co_return std::vector<Tcp::endpoint>{{address, port}};
    }
    const auto resolved = std::make_shared<Resolved>();
    const Signal done;
    start_on(context, [&context, host = origin.host, port = origin.port, resolved, done] {
        return resolve_into(context, host, port, resolved, done);
    });
    const bool in_time = co_await done.wait_for(limit);
    if (!in_time) throw not_sent(origin, "its name was not resolved in time");
    if (!resolved->failure.empty()) throw not_sent(origin, resolved->failure);
    co_return resolved->endpoints;
}

int open_socket(const Tcp::endpoint& endpoint) {
    const int family = endpoint.address().is_v4() ? AF_INET : AF_INET6;
    const int descriptor = ::socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    const int on = 1;
    if (descriptor >= 0) ::setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    return descriptor;
}

// Connects to one address. Returns a reason when that fails.
Task<std::string> try_connect(ClientConnection& connection, Tcp::endpoint endpoint,
                              std::chrono::milliseconds limit) {
    Channel& channel = connection.channel;
    const int result =
        ::connect(channel.descriptor(), endpoint.data(), static_cast<socklen_t>(endpoint.size()));
    if (result == 0) co_return std::string();
    if (errno != EINPROGRESS) co_return std::string(std::strerror(errno));
    const IoStatus status = co_await channel.wait(Channel::Direction::writing, limit);
    if (status == IoStatus::timed_out) co_return "no connection in time";
    int failure = 0;
    socklen_t size = sizeof failure;
    ::getsockopt(channel.descriptor(), SOL_SOCKET, SO_ERROR, &failure, &size);
    co_return failure == 0 ? std::string() : std::string(std::strerror(failure));
}

}  // namespace

Task<std::shared_ptr<ClientConnection>> connect(Context& context, const Origin& origin,
                                                const ClientOptions& options,
                                                const TlsContext* tls) {
    const auto endpoints = co_await resolve(context, origin, options.connect_timeout);
    const auto period = std::clamp<std::chrono::milliseconds>(
        options.connect_timeout / 4, std::chrono::milliseconds(5), std::chrono::milliseconds(250));
    std::string failure = "it has no address";
    for (const Tcp::endpoint& endpoint : endpoints) {
        const int descriptor = open_socket(endpoint);
        if (descriptor < 0) throw not_sent(origin, std::strerror(errno));
        auto session = tls == nullptr ? nullptr : tls->connect(descriptor, origin.host);
        auto connection =
            std::make_shared<ClientConnection>(context, descriptor, std::move(session), origin.key);
        connection->watch(period);
        failure = co_await try_connect(*connection, endpoint, options.connect_timeout);
        if (!failure.empty()) continue;
        if (tls == nullptr) co_return connection;
        const IoStatus status = co_await connection->channel.handshake(options.connect_timeout);
        if (status == IoStatus::ok) co_return connection;
        failure = "the TLS handshake failed";
    }
    throw not_sent(origin, failure);
}

}  // namespace tarn::http
