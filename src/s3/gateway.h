#pragma once

#include <memory>
#include <string>
#include <vector>

#include "auth/auth.h"
#include "base/clock.h"
#include "base/task.h"
#include "base/workers.h"
#include "catalog/catalog.h"
#include "http/request.h"
#include "http/response.h"

namespace tarn::s3 {

struct Options {
    std::vector<std::string> domain_names{"s3.local.lakefs.io"};  // base domains of virtual hosts
    std::string region = "us-east-1";                             // what GetBucketLocation says
    bool verify_unsupported = true;  // refuse names in a query that mean nothing to us
    std::uint64_t object_bytes_max = 5ull * 1024 * 1024 * 1024;  // of one PUT or part
    // The storage namespace of a repository that CreateBucket makes, {repository} in it replaced.
    // Empty: "<type>://{repository}" on the local and memory stores, else CreateBucket is refused.
    std::string namespace_template;
};

// Whether a request on a port shared with the REST API and the UI speaks S3.
bool is_s3_request(const http::Request& request, const Options& options);

// The S3 face: repositories as buckets, "<ref>/<path>" as keys.
//
// Threads   The context of the request's connection.
// Lifetime  The collaborators outlive the gateway, the gateway outlives its tasks.
// Errors    Answers in XML; throws nothing that a client can cause.
// Source    docs/s3.md
class Gateway {
public:
    Gateway(Options options, auth::Auth& auth, catalog::Catalog& catalog, Workers& workers,
            const Clock& clock);
    ~Gateway();

    Task<http::Response> handle(http::Request& request);
    const Options& options() const;

private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace tarn::s3
