#include "server/house.h"

#include <fmt/format.h>

#include <utility>

#include "base/log.h"
#include "catalog/background.h"
#include "server/block_store.h"
#include "server/kv_store.h"
#include "server/version.h"
#include "versions/leftovers.h"
#include "versions/stores.h"

namespace tarn::server {

namespace {

// Between seeing rows that nobody names and removing them: another server may be about to name
// them.
constexpr std::chrono::minutes leftovers_delay{2};

std::vector<Limit> limits_of(const Options& options) {
    const auto number = [](auto value) { return static_cast<double>(value); };
    return {
        {"limits.body_buffer_bytes", number(options.body_buffer_bytes)},
        {"limits.requests_per_core", number(options.http.requests_per_core_max)},
        {"blockstore.s3.upload_memory_bytes", number(options.s3_blocks.upload_memory_bytes)},
        {"limits.background_jobs", number(options.catalog.background_jobs_max)},
        {"limits.heavy_jobs_waiting", number(options.api.heavy_jobs_waiting_max)},
        {"database.local.queue_operations_max", number(options.kv.queue_operations_max)},
        {"database.local.queue_bytes_max", number(options.kv.queue_bytes_max)},
        {"database.local.memory_bytes", number(options.kv.memory_bytes)},
        {"database.postgres.max_open_connections", number(options.postgres.connections_max)},
        {"database.postgres.queue_operations_max", number(options.postgres.queue_operations_max)},
        {"database.postgres.queue_bytes_max", number(options.postgres.queue_bytes_max)},
        {"committed.sstable.memory.cache_size_bytes", number(options.trees.memory_cache_bytes)},
        {"committed.local_cache.size_bytes",
         number(options.trees.disk_cache_bytes + options.trees.disk_cache_metarange_bytes)}};
}

}  // namespace

// Floor 1 and 2: where everything lies.
struct House::Stores {
    std::unique_ptr<kv::Store> kv;
    std::unique_ptr<block::Store> blocks;
};

// Floors 2 to 5: what is versioned.
struct House::Core {
    Core(const Options& options, House::Stores& stores, Workers& workers, const Clock& clock)
        : auth(*stores.kv, clock, options.auth),
          refs(*stores.kv, clock),
          cleaner(*stores.kv),
          trees(*stores.blocks, workers, options.trees),
          hints(clock),
          versions{*stores.kv, refs, trees, cleaner, hints, workers, clock, observer},
          catalog(versions, *stores.blocks, options.catalog) {}

    auth::Auth auth;
    refs::Refs refs;
    staging::Cleaner cleaner;
    committed::Trees trees;
    versions::Hints hints;
    versions::SilentObserver observer;
    versions::Stores versions;
    catalog::Catalog catalog;
};

// Floor 7: what clients speak.
struct House::Faces {
    Faces(const Options& options, House::Core& core, Workers& workers, const Clock& clock)
        : api(core.catalog, core.refs.protection(), core.auth, options.api),
          s3(options.s3, core.auth, core.catalog, workers, clock) {}

    api::Api api;
    s3::Gateway s3;
};

std::unique_ptr<House::Stores> House::build_stores(const Options& options, Workers& workers,
                                                   const Clock& clock) {
    auto stores = std::make_unique<Stores>();
    stores->kv = open_kv_store(options, workers);
    stores->blocks = open_block_store(options, workers, clock);
    return stores;
}

std::unique_ptr<House::Core> House::build_core(const Options& options, Stores& stores,
                                               Workers& workers, const Clock& clock) {
    return std::make_unique<Core>(options, stores, workers, clock);
}

std::unique_ptr<House::Faces> House::build_faces(const Options& options, Core& core,
                                                 Workers& workers, const Clock& clock) {
    return std::make_unique<Faces>(options, core, workers, clock);
}

House::House(const Options& options)
    : buffers_(options.body_buffer_bytes),
      workers_(options.workers),
      stores_(build_stores(options, workers_, clock_)),
      core_(build_core(options, *stores_, workers_, clock_)),
      faces_(build_faces(options, *core_, workers_, clock_)),
      metrics_(buffers_, limits_of(options)) {}

House::~House() {
    stopping_.notify();
    core_->cleaner.stop();
    core_->catalog.background().stop();  // what runs there may use the faces, which end first
    if (housekeeping_.valid()) housekeeping_.wait();
}

Task<void> House::prepare(Options options) {
    auth::ServerFacts facts;
    facts.version = version;
    facts.kv_type = name(options.kv_type);
    facts.fixed_id = options.fixed_installation_id;
    co_await core_->auth.start(std::move(facts));
    installation_id_ = co_await core_->auth.installation_id();
    if (!options.first_user.empty()) {
        const auth::SetupState state = co_await core_->auth.setup_state();
        if (!state.initialized) {
            std::optional<auth::GivenKey> key;
            if (!options.first_access_key_id.empty()) {
                key = auth::GivenKey{options.first_access_key_id, options.first_secret_access_key};
            }
            co_await core_->auth.setup(options.first_user, key);
        }
    }
}

void House::start_housekeeping() {
    core_->cleaner.start(workers_);
    core_->catalog.start_housekeeping();
    // The promise goes with the coroutine, and its end makes the future ready, whatever the
    // outcome.
    auto ended = std::make_shared<std::promise<void>>();
    housekeeping_ = ended->get_future();
    workers_.start([this, ended]() -> Task<void> { co_await remove_leftovers(); });
}

Task<void> House::remove_leftovers() {
    auto found = co_await versions::find_leftovers(core_->versions);
    if (found.empty()) co_return;
    const bool stopped = co_await stopping_.wait_for(leftovers_delay);
    if (stopped) co_return;
    const std::size_t removed =
        co_await versions::clean_leftovers(core_->versions, std::move(found));
    log::info("removed the rows of {} staging tokens that a crash had left", removed);
}

Task<http::Response> House::handle(http::Request& request) {
    const std::string_view path = request.path();
    if (path == "/_health") {
        if (draining_.load(std::memory_order_relaxed)) {
            co_return http::make_response(503, "text/plain; charset=utf-8", "draining");
        }
        co_return http::make_response(200, "text/plain; charset=utf-8",
                                      "alive! " + installation_id_);
    }
    if (path == "/metrics") {
        co_return http::make_response(200, "text/plain; version=0.0.4", metrics_.text());
    }
    if (s3::is_s3_request(request, faces_->s3.options())) {
        faces_->api.count_operation();
        co_return co_await faces_->s3.handle(request);
    }
    co_return co_await faces_->api.handle(request);
}

void House::begin_draining() {
    draining_ = true;
}

void House::watch(const http::Server& server) {
    metrics_.watch(server);
}

Workers& House::workers() {
    return workers_;
}

BufferPool& House::buffers() {
    return buffers_;
}

auth::Auth& House::auth() {
    return core_->auth;
}

}  // namespace tarn::server
