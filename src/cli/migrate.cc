#include "cli/migrate.h"

#include <fmt/format.h>

#include <functional>

#include "auth/schema.h"
#include "base/workers.h"
#include "server/data_folder.h"
#include "server/kv_store.h"
#include "server/run_task.h"

namespace tarn::cli {
namespace {

void with_store(const server::Options& options, const std::function<Task<void>(kv::Store&)>& use) {
    const server::DataFolder folder(options.data_folder);
    Workers workers(1);
    const auto store = server::open_kv_store(options, workers);
    server::run_task([&]() -> Task<void> { co_await use(*store); });
}

}  // namespace

void print_schema_version(const server::Options& options) {
    with_store(options, [](kv::Store& store) -> Task<void> {
        const auto version = co_await auth::find_schema_version(store);
        if (version)
            fmt::print("version: {}\n", *version);
        else
            fmt::print("no version: the database is not set up\n");
    });
}

void migrate_up(const server::Options& options) {
    with_store(options, [](kv::Store& store) -> Task<void> {
        const auto before = co_await auth::migrate_schema(store);
        if (before)
            fmt::print("migrated from version {} to {}\n", *before, auth::schema_version);
        else
            fmt::print("nothing to migrate\n");
    });
}

}  // namespace tarn::cli
