#include "api/api.h"

#include <optional>
#include <utility>

#include "api/errors.h"
#include "api/house.h"
#include "api/pages.h"
#include "api/routes.h"
#include "catalog/background.h"

namespace tarn::api {
namespace {

constexpr std::string_view root = "/api/v1";

bool is_rest(std::string_view path) {
    return path.starts_with(root) && (path.size() == root.size() || path[root.size()] == '/');
}

}  // namespace

struct Api::State {
    State(catalog::Catalog& catalog, refs::Protection& protection, auth::Auth& auth,
          ApiOptions given)
        : options(std::move(given)),
          heavy(catalog.stores().workers,
                options.heavy_jobs_per_worker_max * catalog.stores().workers.size(),
                options.heavy_jobs_waiting_max),
          usage(catalog.stores().kv, auth, catalog.stores().clock),
          house{catalog, protection, auth, options, heavy, usage} {}

    const ApiOptions options;
    HeavyJobs heavy;
    Usage usage;
    House house;
};

Api::Api(catalog::Catalog& catalog, refs::Protection& protection, auth::Auth& auth,
         ApiOptions options)
    : state_(std::make_unique<State>(catalog, protection, auth, std::move(options))) {}

Api::~Api() = default;

Task<http::Response> Api::handle(http::Request& request) {
    const std::string_view path = request.path();
    if (!is_rest(path)) co_return page(request, state_->options);
    const auto route = find_route(request.method(), path.substr(root.size()));
    Call call{request, state_->house, route ? route->segments : Segments()};
    std::optional<http::Response> response;
    if (!route) {
        response = refuse(404, "invalid API endpoint");
    } else {
        try {
            response = co_await route->operation->run(call);
        } catch (const Error& error) {
            response = refuse(error, call.failures);
        }
    }
    if (call.caller) count_operation();
    if (call.admitted) response->fields.set("X-Request-ID", request.id());
    if (request.method() == "HEAD") response->head_only = true;
    co_return std::move(*response);
}

void Api::count_operation() {
    if (!state_->usage.count()) return;
    // Nobody's answer waits for it, least of all while the database is away.
    Usage& usage = state_->usage;
    state_->house.catalog.background().start_upkeep(
        [&usage]() -> Task<void> { co_await usage.write(); });
}

}  // namespace tarn::api
