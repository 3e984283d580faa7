#include "catalog/imports.h"

#include <fmt/format.h>

#include <atomic>
#include <boost/asio/this_coro.hpp>
#include <utility>

#include "base/error.h"
#include "base/ids.h"
#include "base/log.h"
#include "base/signal.h"
#include "base/timestamp.h"
#include "catalog/internal/import_source.h"
#include "catalog/internal/rows.h"
#include "catalog/jobs.pb.h"
#include "kv/store.h"
#include "refs/records.h"
#include "versions/history.h"

namespace tarn::catalog {
namespace {

constexpr std::string_view imports_prefix = "imports/";
constexpr std::chrono::seconds tick{1};
constexpr std::chrono::minutes silence_max{2};
constexpr std::string_view canceled = "Canceled";

kv::Key key_of(const refs::Repository& repository, std::string_view id) {
    return {repository.partition(), fmt::format("{}{}", imports_prefix, id)};
}

Time time_of(std::string_view bytes) {
    return read_timestamp(decode_row<ImportRecord>(bytes, "an import").updated_at());
}

bool is_over(const ImportRecord& record) {
    return record.completed() || !record.error().empty();
}

}  // namespace

// One import while it runs.
struct Imports::Job {
    Job(Imports& imports, refs::Repository where, ImportOrder what, Tasks::Describe tell)
        : stores(imports.stores_),
          blocks(imports.blocks_),
          background(imports.background_),
          repository(std::move(where)),
          order(std::move(what)),
          describe(std::move(tell)) {
        record.set_id(new_xid(stores.clock.now()));
    }

    versions::Stores& stores;
    block::Store& blocks;
    Background& background;
    refs::Repository repository;
    ImportOrder order;
    const Tasks::Describe describe;
    ImportRecord record;
    std::atomic<std::int64_t> progress = 0;
    std::atomic<bool> over = false;  // somebody ended it: its row says so
    Signal done;
    Signal ticker_ended;

    kv::Key key() const { return key_of(repository, record.id()); }

    std::string bytes() {
        record.set_progress(progress);
        write_timestamp(*record.mutable_updated_at(), stores.clock.now());
        return record.SerializeAsString();
    }

    void checkpoint() const {
        background.checkpoint();
        if (over) throw Error(Code::conflict, std::string(canceled), "canceled");
    }

    // Keeps the row fresh until the job is done, and hears whether it is wanted still.
    Task<void> keep_ticking() {
        bool ended = false;
        while (!ended) {
            ended = co_await done.wait_for(tick);
            if (!ended && !over) co_await tell_progress();
        }
        ticker_ended.notify();
    }

    Task<void> tell_progress() {
        try {
            const auto seen = co_await kv::find(stores.kv, key());
            over = !seen || is_over(decode_row<ImportRecord>(*seen, "an import"));
            if (!over) co_await kv::put_if(stores.kv, key(), bytes(), kv::equals(*seen));
        } catch (const Error& error) {
            log::warning("the progress of import '{}': {}", record.id(), error.message());
        }
    }

    Task<std::string> ingest() {
        ImportSource source(blocks, order.paths, [this] { checkpoint(); }, progress);
        co_return co_await stores.trees.write(repository.storage_namespace, source, {});
    }

    Task<refs::Commit> apply(std::string tree) {
        versions::ImportRequest request;
        request.branch = order.branch;
        request.tree_id = std::move(tree);
        for (const ImportPath& path : order.paths) request.prefixes.push_back(path.destination);
        request.committer = order.committer;
        request.message = order.message;
        request.metadata = order.metadata;
        request.force = order.force;
        co_return co_await versions::import_tree(stores, repository, std::move(request));
    }

    Task<void> work() {
        const char* phase = "error on ingest";
        std::optional<Error> failure;
        try {
            checkpoint();
            std::string tree = co_await ingest();
            co_await tell_progress();
            checkpoint();
            phase = "merge import";
            const refs::Commit commit = co_await apply(std::move(tree));
            record.set_completed(true);
            record.set_metarange_id(commit.tree_id);
            record.set_commit(refs::encode(commit));
        } catch (const Error& error) {
            failure = error;
        }
        if (failure) {
            record.set_error(failure->detail() == "canceled"
                                 ? std::string(canceled)
                                 : fmt::format("{}: {}", phase, describe(*failure).message));
        }
    }

    // A commit that was made is told even to who canceled too late.
    Task<void> conclude() {
        for (bool written = false; !written;) {
            const auto seen = co_await kv::find(stores.kv, key());
            const bool settled = !seen || is_over(decode_row<ImportRecord>(*seen, "an import"));
            if (settled && !record.completed()) co_return;
            const kv::Expected expected = seen ? kv::equals(*seen) : kv::Expected(kv::absent);
            written = co_await kv::put_if(stores.kv, key(), bytes(), expected);
        }
    }

    Task<void> run() {
        const auto executor = co_await boost::asio::this_coro::executor;
        start_on(executor.context(), [this]() -> Task<void> { co_await keep_ticking(); });
        co_await work();
        done.notify();
        co_await ticker_ended.wait();
        try {
            co_await conclude();
        } catch (const Error& error) {
            log::warning("the end of import '{}' could not be recorded: {}", record.id(),
                         error.message());
        }
    }
};

Imports::Imports(versions::Stores& stores, block::Store& blocks, Background& background)
    : stores_(stores), blocks_(blocks), background_(background) {}

Task<std::string> Imports::start(refs::Repository repository, ImportOrder order,
                                 Tasks::Describe describe) {
    background_.require_room();
    auto job =
        std::make_shared<Job>(*this, std::move(repository), std::move(order), std::move(describe));
    co_await kv::put(stores_.kv, job->key(), job->bytes());
    const std::string id = job->record.id();
    background_.start([job]() -> Task<void> { co_await job->run(); });
    co_return id;
}

Task<std::optional<ImportStatus>> Imports::find(refs::Repository repository, std::string id) {
    if (!xid_time(id)) co_return std::nullopt;
    const kv::Key key = key_of(repository, id);
    const auto bytes = co_await kv::find(stores_.kv, key);
    if (!bytes) co_return std::nullopt;
    auto record = decode_row<ImportRecord>(*bytes, "an import");
    const Time updated = read_timestamp(record.updated_at());
    if (!is_over(record) && stores_.clock.now() - updated > silence_max) {
        record.set_error("the server that ran it has gone");
        co_await kv::put_if(stores_.kv, key, record.SerializeAsString(), kv::equals(*bytes));
    }
    ImportStatus status;
    status.id = std::move(id);
    status.completed = record.completed();
    status.updated = updated;
    status.progress = record.progress();
    status.tree_id = record.metarange_id();
    if (!record.commit().empty()) status.commit = refs::decode_commit(record.commit());
    status.error = record.error();
    co_return status;
}

Task<bool> Imports::cancel(refs::Repository repository, std::string id) {
    if (!xid_time(id)) co_return false;
    const kv::Key key = key_of(repository, id);
    for (bool written = false; !written;) {
        const auto bytes = co_await kv::find(stores_.kv, key);
        if (!bytes) co_return false;
        auto record = decode_row<ImportRecord>(*bytes, "an import");
        if (record.completed()) {
            throw Error(Code::conflict, fmt::format("import '{}' has completed", id),
                        "import_completed");
        }
        if (!record.error().empty()) co_return true;
        record.set_error(std::string(canceled));
        write_timestamp(*record.mutable_updated_at(), stores_.clock.now());
        written =
            co_await kv::put_if(stores_.kv, key, record.SerializeAsString(), kv::equals(*bytes));
    }
    co_return true;
}

Task<void> Imports::remove_old(refs::Repository repository) {
    co_await remove_rows_of_yesterday(stores_, repository.partition(), std::string(imports_prefix),
                                      time_of);
}

}  // namespace tarn::catalog
