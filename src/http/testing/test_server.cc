#include "http/testing/test_server.h"

#include <fmt/format.h>

#include <utility>

namespace tarn::http {

ServerOptions test_options() {
    ServerOptions options;
    options.listen_address = "127.0.0.1:0";
    options.threads = 1;
    return options;
}

TestServer::TestServer(Handler handler, ServerOptions options)
    : server_(std::move(options), std::move(handler), workers_, buffers_) {
    server_.start();
}

std::string TestServer::url() const {
    return fmt::format("http://127.0.0.1:{}", port());
}

}  // namespace tarn::http
