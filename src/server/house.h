#pragma once

#include <atomic>
#include <future>
#include <memory>
#include <string>

#include "base/buffer_pool.h"
#include "base/clock.h"
#include "base/signal.h"
#include "base/workers.h"
#include "http/request.h"
#include "http/response.h"
#include "server/data_folder.h"
#include "server/metrics.h"
#include "server/options.h"

namespace tarn::server {

// All rooms of one server, built floor by floor, each with references to the floors below.
// Threads   Construction and destruction from one thread; opening the stores blocks.
// Lifetime  Nothing may be running in it when it ends: the listener has stopped.
// Errors    What opening the stores throws: invalid_argument, unavailable, corrupted,
// unimplemented.
class House {
public:
    explicit House(const Options& options);
    ~House();
    House(const House&) = delete;
    House& operator=(const House&) = delete;

    // Answers a request of any kind: health, metrics, S3, REST.
    Task<http::Response> handle(http::Request& request);

    // Writes the facts of this start and sets the first administrator up where the configuration
    // names one. To be run before the first request.
    Task<void> prepare(Options options);
    // Takes up, beside the requests, the clean-up that a crash has left.
    void start_housekeeping();

    // From now on /_health tells load balancers to send no more.
    void begin_draining();
    // What /metrics shows of the listener.
    void watch(const http::Server& server);

    Workers& workers();
    BufferPool& buffers();
    auth::Auth& auth();

private:
    struct Stores;
    struct Core;
    struct Faces;

    Task<void> remove_leftovers();

    static std::unique_ptr<Stores> build_stores(const Options& options, Workers& workers,
                                                const Clock& clock);
    static std::unique_ptr<Core> build_core(const Options& options, Stores& stores,
                                            Workers& workers, const Clock& clock);
    static std::unique_ptr<Faces> build_faces(const Options& options, Core& core, Workers& workers,
                                              const Clock& clock);

    const SystemClock clock_;
    BufferPool buffers_;
    Workers workers_;
    std::unique_ptr<Stores> stores_;
    std::unique_ptr<Core> core_;
    std::unique_ptr<Faces> faces_;
    Metrics metrics_;
    std::string installation_id_;  // since `prepare`
    std::atomic<bool> draining_ = false;
    Signal stopping_;
    std::future<void> housekeeping_;  // ready when it has ended
};

}  // namespace tarn::server
