#include "server/serve.h"

#include <fmt/format.h>
#include <malloc.h>
#include <pthread.h>
#include <signal.h>

#include <cstdio>
#include <fstream>
#include <thread>

#include "base/log.h"
#include "http/server.h"
#include "server/data_folder.h"
#include "server/house.h"
#include "server/run_task.h"
#include "server/version.h"

namespace tarn::server {

namespace {

// The signals that end a server, blocked in every thread so that one place waits for them.
sigset_t ending_signals() {
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGTERM);
    sigaddset(&signals, SIGINT);
    return signals;
}

// Until a signal comes or the time is over; the signal, or 0.
int wait_for_signal(const sigset_t& signals, std::chrono::milliseconds limit) {
    const timespec time{limit.count() / 1000, (limit.count() % 1000) * 1'000'000};
    const int signal = sigtimedwait(&signals, nullptr, &time);
    return signal > 0 ? signal : 0;
}

std::string url_of(const http::ServerOptions& options, std::uint16_t port) {
    std::string host = options.listen_address.substr(0, options.listen_address.rfind(':'));
    if (host.empty() || host == "0.0.0.0") host = "127.0.0.1";
    if (host == "[::]") host = "[::1]";
    return fmt::format("{}://{}:{}", options.tls_key_file.empty() ? "http" : "https", host, port);
}

void greet(const Options& options, const std::string& url, bool initialized) {
    fmt::print("Tarn {} listens on {}\ndata folder: {}\n", version, url,
               options.data_folder.string());
    if (!initialized) {
        fmt::print(
            "\nThis is a new installation. Create the administrator and keep the keys it prints:\n"
            "\n    tarn setup --user-name admin --data-folder '{}'\n"
            "\nThen, with those keys in AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY:\n"
            "\n    boto3:   s3 = boto3.client(\"s3\", endpoint_url=\"{}\")\n"
            "    AWS CLI: aws --endpoint-url {} s3 ls\n\n",
            options.data_folder.string(), url, url);
    }
    std::fflush(stdout);
}

// Freed memory goes back to the system instead of to a pool per thread.
void bound_the_heap() {
    mallopt(M_ARENA_MAX, 4);
    mallopt(M_TRIM_THRESHOLD, 16 * 1024 * 1024);
}

}  // namespace

int serve(Options options) {
    bound_the_heap();
    const sigset_t signals = ending_signals();
    pthread_sigmask(SIG_BLOCK, &signals, nullptr);
    signal(SIGPIPE, SIG_IGN);
    log::configure(options.log);

    const DataFolder folder(options.data_folder);
    if (options.auth.secret_key.empty()) options.auth.secret_key = folder.secret();

    House house(options);
    run_task([&]() -> Task<void> { co_await house.prepare(options); });
    http::Handler handler = [&house](http::Request& request) { return house.handle(request); };
    http::Server listener(options.http, handler, house.workers(), house.buffers());
    house.watch(listener);
    listener.start();
    house.start_housekeeping();
    const std::string url = url_of(options.http, listener.port());
    std::ofstream(folder.path() / "endpoint") << url << '\n';
    bool initialized = false;
    run_task([&]() -> Task<void> {
        const auth::SetupState state = co_await house.auth().setup_state();
        initialized = state.initialized;
    });
    greet(options, url, initialized);

    int received = 0;
    sigwait(&signals, &received);
    log::info("signal {}: draining", received);
    house.begin_draining();
    if (options.drain_delay.count() > 0) wait_for_signal(signals, options.drain_delay);
    listener.drain();
    listener.stop();
    log::info("stopped");
    return 0;
}

}  // namespace tarn::server
