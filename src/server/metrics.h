#pragma once

#include <string>
#include <vector>

#include "base/buffer_pool.h"
#include "http/server.h"

namespace tarn::server {

// A bound of this server, named by its configuration key.
struct Limit {
    std::string key;
    double value = 0;
};

// What /metrics answers, in Prometheus' text form.
// Threads   `text` from any; `watch` before the first request.
// Lifetime  `buffers` outlives it.
class Metrics {
public:
    Metrics(const BufferPool& buffers, std::vector<Limit> limits);

    // The listener whose counters are shown; it outlives this.
    void watch(const http::Server& server) { server_ = &server; }
    std::string text() const;

private:
    const BufferPool& buffers_;
    const std::vector<Limit> limits_;
    const http::Server* server_ = nullptr;
};

}  // namespace tarn::server
