#include "server/house.h"

#include <fmt/format.h>

#include <utility>

#include "base/log.h"
#include "block/local/local_store.h"
#include "block/memory/memory_store.h"
#include "kv/memory/memory_store.h"
#include "kv/rocksdb/rocksdb_store.h"
#include "server/version.h"
#include "versions/leftovers.h"
#include "versions/stores.h"

namespace tarn::server {

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
    if (options.embedded_store)
        stores->kv = std::make_unique<kv::RocksdbStore>(options.kv, workers);
    else
        stores->kv = std::make_unique<kv::MemoryStore>();
    if (options.local_blocks) {
        std::filesystem::create_directories(options.blocks.root);
        stores->blocks = std::make_unique<block::LocalStore>(options.blocks, workers);
    } else {
        stores->blocks = std::make_unique<block::MemoryStore>(clock);
    }
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
      faces_(build_faces(options, *core_, workers_, clock_)) {}

House::~House() = default;

Task<void> House::prepare(Options options) {
    auth::ServerFacts facts;
    facts.version = version;
    facts.kv_type = options.embedded_store ? "local" : "mem";
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
