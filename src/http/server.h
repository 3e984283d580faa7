#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "base/buffer_pool.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/task.h"
#include "base/workers.h"
#include "http/request.h"
#include "http/response.h"

namespace tarn::http {

// Answers one request. Runs on the connection's context; an exception out of it is a bug: logged
// and answered 500.
using Handler = std::function<Task<Response>(Request&)>;

struct ServerOptions {
    std::string listen_address = "127.0.0.1:8000";  // host:port, port 0 picks a free one
    int threads = 0;                                // cores used; 0: as many as the machine has
    std::size_t header_bytes_max = 64 * 1024;       // 431 beyond
    std::size_t target_bytes_max = 16 * 1024;       // 414 beyond
    std::uint64_t body_bytes_max = 0;               // 413 beyond; 0: no limit
    std::chrono::milliseconds header_timeout{60'000};
    std::chrono::milliseconds body_timeout{60'000};   // without a byte from the client
    std::chrono::milliseconds write_timeout{60'000};  // without a byte taken by the client
    std::chrono::milliseconds idle_timeout{120'000};
    std::chrono::milliseconds drain_timeout{30'000};  // for running requests at shutdown
    int requests_per_core_max = 1024;  // 503 with Retry-After beyond; never for `exempt_path`
    std::string exempt_path = "/_health";
    std::string tls_certificate_file;  // PEM; with `tls_key_file` turns TLS on
    std::string tls_key_file;
    log::Level access_log_level = log::Level::debug;  // a line for each request, if logged at all
};

// What the server is doing, for metrics.
struct ServerCounters {
    std::uint64_t connections_open = 0;
    std::uint64_t requests_running = 0;
    std::uint64_t requests_total = 0;
    std::uint64_t requests_refused = 0;
};

// The HTTP/1.1 listener: one context and one SO_REUSEPORT socket per core.
// Threads   `start`, `drain` and `stop` from one outside thread.
// Lifetime  `handler`, `workers` and `buffers` outlive the server.
class Server {
public:
    Server(ServerOptions options, Handler handler, Workers& workers, BufferPool& buffers);
    ~Server();

    // Binds and begins to answer. Errors  invalid_argument: bad address or certificate, or the port
    // is taken.
    void start();
    // The port that was bound.
    std::uint16_t port() const;
    // The contexts of the cores, for background tasks.
    std::vector<Context*> contexts();
    // Answers go out with `Connection: close` from now on; listening goes on.
    void drain();
    // Closes the listeners after emptying their queues, ends idle connections and waits for running
    // requests: up to `drain_timeout` with their connections, then without, for a handler is never
    // ended half way. The contexts run on, for others that stop after it, until the server is
    // destroyed.
    void stop();
    ServerCounters counters() const;

private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace tarn::http
