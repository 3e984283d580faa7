#pragma once

#include <cstdint>
#include <string>

#include "base/buffer_pool.h"
#include "base/workers.h"
#include "http/server.h"

namespace tarn::http {

// Options as tests want them: one core, a free port of the loopback, no access log.
ServerOptions test_options();

// A server that runs while the object lives.
class TestServer {
public:
    explicit TestServer(Handler handler, ServerOptions options = test_options());

    std::uint16_t port() const { return server_.port(); }
    std::string url() const;
    Server& server() { return server_; }
    Workers& workers() { return workers_; }
    BufferPool& buffers() { return buffers_; }

private:
    Workers workers_{2};
    BufferPool buffers_{16 * 1024 * 1024};
    Server server_;
};

}  // namespace tarn::http
