// A server that answers with fixed bodies and files, for wrk and curl to measure; see README.md.
//   http_bench <port> <cores> [file] [certificate key]
// /small answers 200 bytes, /file the file, /put takes and drops a body.

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>

#include <csignal>
#include <cstdlib>
#include <string>
#include <string_view>

#include "http/server.h"

namespace {

using namespace tarn;

Task<http::Response> take_body(http::Request& request) {
    ByteSource& body = request.body();
    std::uint64_t total = 0;
    while (true) {
        const Slice slice = co_await body.next();
        if (slice.empty()) break;
        total += slice.bytes.size();
    }
    co_return http::make_response(200, "text/plain", fmt::format("{}\n", total));
}

Task<http::Response> answer_file(std::string path) {
    auto file = std::make_shared<const File>(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    struct stat status{};
    if (::fstat(file->descriptor(), &status) != 0)
        co_return http::make_response(404, "text/plain", "");
    http::Response response;
    response.body = FileRange{file, 0, static_cast<std::uint64_t>(status.st_size)};
    co_return response;
}

}  // namespace

int main(int argc, char** argv) {
    if (argc < 3) return 2;
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGINT);
    sigaddset(&signals, SIGTERM);
    sigprocmask(SIG_BLOCK, &signals, nullptr);

    const std::string file = argc > 3 ? argv[3] : "/dev/null";
    const http::Handler handler = [&file](http::Request& request) -> Task<http::Response> {
        if (request.path() == "/put") co_return co_await take_body(request);
        if (request.path() == "/file") co_return co_await answer_file(file);
        co_return http::make_response(200, "text/plain", std::string(200, 'x'));
    };
    Workers workers(2);
    BufferPool buffers(256 * 1024 * 1024);
    http::ServerOptions options;
    options.listen_address = fmt::format("127.0.0.1:{}", argv[1]);
    options.threads = std::atoi(argv[2]);
    if (std::getenv("ACCESS_LOG")) options.access_log_level = log::Level::info;
    if (argc > 5) {
        options.tls_certificate_file = argv[4];
        options.tls_key_file = argv[5];
    }
    http::Server server(options, handler, workers, buffers);
    server.start();
    fmt::print("listening on port {}\n", server.port());
    int signal = 0;
    sigwait(&signals, &signal);
    server.stop();
    return 0;
}
