#pragma once

#include <boost/asio/basic_waitable_timer.hpp>

#include <chrono>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "base/task.h"
#include "http/client.h"
#include "http/internal/body_reader.h"
#include "http/internal/channel.h"
#include "http/internal/head.h"
#include "http/internal/tls.h"
#include "http/internal/url.h"

namespace tarn::http {

// A connection to a server while a request uses it. A timer looks at the channel's deadline now and
// then. Threads  One context only.
class ClientConnection : public std::enable_shared_from_this<ClientConnection> {
public:
    ClientConnection(Context& context, int descriptor, std::unique_ptr<TlsSession> tls,
                     std::string key);
    ~ClientConnection();

    void watch(std::chrono::milliseconds period);

    Channel channel;
    ReadBuffer buffer;
    const std::string key;  // of its origin
    bool is_reused = false;

private:
    using Timer =
        boost::asio::basic_waitable_timer<std::chrono::steady_clock,
                                          boost::asio::wait_traits<std::chrono::steady_clock>,
                                          Context::executor_type>;

    Timer timer_;
};

// Connections that nobody uses, by origin.
// Shape    Sockets belong to no context while they wait here, so any context may take them.
// Threads  Any.
class IdleConnections {
public:
    explicit IdleConnections(const ClientOptions& options) : options_(options) {}
    ~IdleConnections();

    // The one used last, if it is still open.
    std::shared_ptr<ClientConnection> find(const std::string& key, Context& context);
    void keep(ClientConnection& connection);

private:
    struct Idle {
        int descriptor;
        std::unique_ptr<TlsSession> tls;
        std::chrono::steady_clock::time_point since;
    };

    static void drop(Idle& idle);
    void drop_old(std::vector<Idle>& idle) const;

    const ClientOptions& options_;
    std::mutex mutex_;
    std::map<std::string, std::vector<Idle>> idle_;
};

// Opens a connection, with TLS where the origin asks for it.
// Errors  unavailable (detail "not_sent").
Task<std::shared_ptr<ClientConnection>> connect(Context& context, const Origin& origin,
                                                const ClientOptions& options,
                                                const TlsContext* tls);

}  // namespace tarn::http
