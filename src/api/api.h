#pragma once

#include <memory>
#include <string>

#include "base/task.h"
#include "http/request.h"
#include "http/response.h"

namespace tarn::auth {
class Auth;
}
namespace tarn::catalog {
class Catalog;
}
namespace tarn::refs {
class Protection;
}

namespace tarn::api {

struct ApiOptions {
    std::string version = "1.84.0";  // told to clients, which compare it with lakeFS's
    std::string logout_redirect_url = "/auth/login";
    std::string default_namespace_prefix;  // proposed for new repositories; empty: the store's
    bool secure_cookies = false;           // sessions over TLS only
    bool ask_for_email = true;             // set-up wants the administrator's address
    int heavy_jobs_per_worker_max = 2;     // running at the same time
    int heavy_jobs_waiting_max = 64;       // beyond: 429 with Retry-After
};

// The REST interface under /api/v1, and what stands beside it: /openapi.json, /logout, and a hint
// for browsers anywhere else.
//
// Threads   Any context; a request stays on its connection's, heavy operations go to a worker
// whole. Lifetime  The collaborators outlive it. Errors    Every failure is an answer; only an
// unexpected exception leaves `handle`. Source    api/openapi.yaml, docs/architecture.md
class Api {
public:
    Api(catalog::Catalog& catalog, refs::Protection& protection, auth::Auth& auth,
        ApiOptions options);
    ~Api();
    Api(const Api&) = delete;
    Api& operator=(const Api&) = delete;

    Task<http::Response> handle(http::Request& request);

    // Counts an operation of another face for the usage report. Never fails.
    void count_operation();

private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace tarn::api
