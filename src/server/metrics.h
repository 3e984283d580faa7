#pragma once

#include <string>

#include "http/server.h"

namespace tarn::server {

// What /metrics answers, in Prometheus' text form.
// Threads  `text` from any; `watch` before the first request.
class Metrics {
public:
    // The listener whose counters are shown; it outlives this.
    void watch(const http::Server& server) { server_ = &server; }
    std::string text() const;

private:
    const http::Server* server_ = nullptr;
};

}  // namespace tarn::server
