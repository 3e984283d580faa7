#pragma once

#include <boost/asio/basic_waitable_timer.hpp>
#include <boost/asio/executor_work_guard.hpp>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/task.h"
#include "http/internal/tls.h"
#include "http/server.h"

namespace tarn::http {

class Connection;
class Core;

// What all cores of one server share.
struct Shared {
    ServerOptions options;
    Handler handler;
    Workers& workers;
    BufferPool& buffers;
    std::optional<TlsContext> tls;
    std::vector<std::unique_ptr<Core>> cores;
    std::atomic<bool> draining = false;  // answers say `Connection: close`
    std::atomic<bool> stopping = false;  // idle connections end as well
};

// One thread's share of the server: its context, its listening socket and its connections.
// Threads   What runs on its context only, unless said otherwise.
class Core {
public:
    explicit Core(Shared& shared);
    ~Core();
    Core(const Core&) = delete;
    Core& operator=(const Core&) = delete;

    Context& context() { return context_; }
    Shared& shared() { return shared_; }

    // Any thread, before the context runs: takes a listening socket, and begins to accept and to
    // sweep.
    void start(int listener);
    // Any thread: keeps the context running until `finish`.
    void finish();

    // Empties the accept queue, closes the listener and wakes idle connections.
    void close_listener();
    // Cuts every connection.
    void cut_all();

    // Any thread: serves a socket that another core accepted. The count goes up at once.
    void adopt(int descriptor);

    void enlist(Connection& connection);
    void delist(Connection& connection);

    // The Date field of this second.
    std::string_view date();
    // A fresh UUID into `out`, cheap; unique, but not a secret.
    void make_uuid(std::array<char, 36>& out);

    // Any thread reads them.
    std::atomic<int> connections = 0;
    std::atomic<int> running = 0;
    std::atomic<std::uint64_t> total = 0;
    std::atomic<std::uint64_t> refused = 0;

private:
    using Timer =
        boost::asio::basic_waitable_timer<std::chrono::steady_clock,
                                          boost::asio::wait_traits<std::chrono::steady_clock>,
                                          Context::executor_type>;
    struct Listener;

    Task<void> accept_all();
    Task<void> sweep();
    // Accepts what waits, up to `limit`; false when accepting failed for want of descriptors.
    bool accept_some(int limit);
    void place(int descriptor);
    void serve(int descriptor);

    Shared& shared_;
    Context context_{1};
    boost::asio::executor_work_guard<Context::executor_type> work_;
    Timer sweep_timer_;
    std::unique_ptr<Listener> listener_;
    std::vector<Connection*> enlisted_;
    std::array<std::uint64_t, 4> random_state_{};
    std::int64_t date_second_ = -1;
    std::string date_;
};

}  // namespace tarn::http
