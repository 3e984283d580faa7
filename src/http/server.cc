#include "http/server.h"

#include <sched.h>
#include <boost/asio/post.hpp>

#include <algorithm>
#include <chrono>
#include <thread>
#include <utility>

#include "base/error.h"
#include "base/log.h"
#include "http/internal/core.h"
#include "http/internal/listener.h"

namespace tarn::http {

namespace {

using namespace std::chrono_literals;

// The CPUs this process may use.
int cpu_count() {
    cpu_set_t set;
    if (::sched_getaffinity(0, sizeof set, &set) != 0) return 1;
    return std::max(1, CPU_COUNT(&set));
}

void run_context(Context& context) {
    while (!context.stopped()) {
        try {
            context.run();
        } catch (const std::exception& error) {
            log::error("an exception reached the event loop: {}", error.what());
        }
    }
}

}  // namespace

struct Server::State {
    State(ServerOptions options, Handler handler, Workers& workers, BufferPool& buffers)
        : shared{std::move(options), std::move(handler), workers, buffers, {}, {}} {
        const int wanted = shared.options.threads > 0 ? shared.options.threads : cpu_count();
        for (int index = 0; index < wanted; ++index) {
            shared.cores.push_back(std::make_unique<Core>(shared));
        }
    }

    int connections() const {
        int sum = 0;
        for (const auto& core : shared.cores)
            sum += core->connections.load(std::memory_order_acquire);
        return sum;
    }

    // Waits until no connection is left; false when the time is over before.
    bool wait_for_connections(std::chrono::milliseconds limit) const {
        const auto until = std::chrono::steady_clock::now() + limit;
        while (connections() > 0) {
            if (std::chrono::steady_clock::now() >= until) return false;
            std::this_thread::sleep_for(2ms);
        }
        return true;
    }

    template <class Action>
    void on_every_core(Action action) {
        for (const auto& core : shared.cores) {
            boost::asio::post(core->context(), [&core = *core, action] { action(core); });
        }
    }

    Shared shared;
    std::vector<std::thread> threads;
    std::uint16_t port = 0;
    bool is_stopped = false;
};

Server::Server(ServerOptions options, Handler handler, Workers& workers, BufferPool& buffers)
    : state_(std::make_unique<State>(std::move(options), std::move(handler), workers, buffers)) {}

Server::~Server() {
    stop();
    for (const auto& core : state_->shared.cores) core->finish();
    for (auto& thread : state_->threads) thread.join();
}

void Server::start() {
    Shared& shared = state_->shared;
    const ServerOptions& options = shared.options;
    ignore_broken_pipes();
    if (options.tls_certificate_file.empty() != options.tls_key_file.empty()) {
        throw Error(Code::invalid_argument, "TLS needs both a certificate file and a key file");
    }
    if (!options.tls_certificate_file.empty()) {
        shared.tls = TlsContext::server(options.tls_certificate_file, options.tls_key_file);
    }
    const int count = static_cast<int>(shared.cores.size());
    const Listeners listeners = open_listeners(options.listen_address, count);
    state_->port = listeners.port;
    for (int index = 0; index < count; ++index) {
        Core& core = *shared.cores[static_cast<std::size_t>(index)];
        core.start(listeners.descriptors[static_cast<std::size_t>(index)]);
    }
    for (const auto& core : shared.cores) {
        state_->threads.emplace_back([&context = core->context()] { run_context(context); });
    }
}

std::uint16_t Server::port() const {
    return state_->port;
}

std::vector<Context*> Server::contexts() {
    std::vector<Context*> contexts;
    for (const auto& core : state_->shared.cores) contexts.push_back(&core->context());
    return contexts;
}

void Server::drain() {
    state_->shared.draining = true;
}

void Server::stop() {
    if (std::exchange(state_->is_stopped, true) || state_->threads.empty()) return;
    Shared& shared = state_->shared;
    shared.draining = true;
    shared.stopping = true;
    state_->on_every_core([](Core& core) { core.close_listener(); });
    if (state_->wait_for_connections(shared.options.drain_timeout)) return;
    log::warning("{} connections still busy after {} ms; cutting them", state_->connections(),
                 shared.options.drain_timeout.count());
    state_->on_every_core([](Core& core) { core.cut_all(); });
    // A handler is never ended from outside: what it is about to finish would stay half done.
    while (!state_->wait_for_connections(10s)) {
        log::warning("waiting for {} running requests", state_->connections());
    }
}

ServerCounters Server::counters() const {
    ServerCounters sum;
    for (const auto& core : state_->shared.cores) {
        sum.connections_open += static_cast<std::uint64_t>(core->connections.load());
        sum.requests_running += static_cast<std::uint64_t>(core->running.load());
        sum.requests_total += core->total.load();
        sum.requests_refused += core->refused.load();
    }
    return sum;
}

}  // namespace tarn::http
