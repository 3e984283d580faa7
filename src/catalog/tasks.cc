#include "catalog/tasks.h"

#include <fmt/format.h>

#include <atomic>
#include <utility>

#include "base/ids.h"
#include "base/log.h"
#include "base/timestamp.h"
#include "catalog/internal/rows.h"
#include "catalog/jobs.pb.h"
#include "kv/store.h"

namespace tarn::catalog {
namespace {

constexpr std::string_view heartbeat_partition = "catalog";
constexpr std::string_view heartbeat_prefix = "instances/";
constexpr std::string_view tasks_prefix = "tasks/";
constexpr std::chrono::seconds heartbeat_interval{5};
constexpr std::chrono::minutes silence_max{2};
constexpr int id_letters = 20;

kv::Key key_of_task(const refs::Repository& repository, std::string_view id) {
    return {repository.partition(), fmt::format("{}{}", tasks_prefix, id)};
}

kv::Key key_of_heartbeat(std::string_view instance) {
    return {std::string(heartbeat_partition), fmt::format("{}{}", heartbeat_prefix, instance)};
}

bool is_task_id(std::string_view id, TaskKind kind) {
    return id.size() == kind.prefix.size() + id_letters && id.starts_with(kind.prefix);
}

Time time_of_task(std::string_view bytes) {
    return read_timestamp(decode_row<TaskRecord>(bytes, "a task").task().updated_at());
}

Time time_of_heartbeat(std::string_view bytes) {
    return read_timestamp(decode_row<HeartbeatRecord>(bytes, "a heartbeat").updated_at());
}

}  // namespace

// One task while it runs.
struct Tasks::Job {
    refs::Repository repository;
    TaskRecord record;
    std::vector<Step> steps;
    Describe describe;
};

struct Tasks::State {
    State(versions::Stores& stores_given, Background& background_given)
        : stores(stores_given),
          background(background_given),
          instance(new_xid(stores.clock.now())) {}

    versions::Stores& stores;
    Background& background;
    const std::string instance;  // of this server
    std::atomic<int> active = 0;
    std::atomic<bool> beating = false;

    Task<void> write(const refs::Repository& repository, TaskRecord& record) {
        write_timestamp(*record.mutable_task()->mutable_updated_at(), stores.clock.now());
        kv::Key key = key_of_task(repository, record.task().id());
        co_await kv::put(stores.kv, std::move(key), record.SerializeAsString());
    }

    Task<void> run(Job& job) {
        TaskRecord& record = job.record;
        std::optional<Error> failure;
        try {
            for (const Step& step : job.steps) {
                background.checkpoint();
                std::string result = co_await step();
                record.set_result(std::move(result));
                record.mutable_task()->set_progress(record.task().progress() + 1);
                co_await write(job.repository, record);
            }
        } catch (const Error& error) {
            failure = error;
        }
        if (failure) {
            TaskFailure told = job.describe(*failure);
            record.mutable_task()->set_error_msg(std::move(told.message));
            record.mutable_task()->set_status_code(told.status_code);
            record.clear_result();
        }
        record.mutable_task()->set_done(true);
        co_await write(job.repository, record);
    }

    // Writes that this server lives: at its first task, and then as long as it has some.
    Task<void> beat() {
        const kv::Key key = key_of_heartbeat(instance);
        bool begun = false;
        bool going_on = true;
        while (going_on) {
            if (active > 0 || !begun) {
                HeartbeatRecord record;
                write_timestamp(*record.mutable_updated_at(), stores.clock.now());
                co_await kv::put(stores.kv, key, record.SerializeAsString());
                begun = true;
            }
            going_on = co_await background.sleep(heartbeat_interval);
        }
        co_await kv::remove(stores.kv, key);
    }

    // The row says from now on that its task is lost, unless that has changed meanwhile.
    Task<void> give_up(const kv::Key& key, const std::string& seen, TaskRecord& record) {
        record.mutable_task()->set_done(true);
        record.mutable_task()->set_error_msg("the server that ran the task has gone");
        record.mutable_task()->set_status_code(500);
        record.clear_result();
        co_await kv::put_if(stores.kv, key, record.SerializeAsString(), kv::equals(seen));
    }
};

Tasks::Tasks(versions::Stores& stores, Background& background)
    : state_(std::make_unique<State>(stores, background)) {}

Tasks::~Tasks() = default;

Task<std::string> Tasks::submit(refs::Repository repository, TaskKind kind, std::vector<Step> steps,
                                Describe describe) {
    State& state = *state_;
    state.background.require_room();
    TaskRecord record;
    record.mutable_task()->set_id(std::string(kind.prefix) + new_nanoid(id_letters));
    record.mutable_task()->set_operation(std::string(kind.operation));
    record.mutable_task()->set_owner_instance_id(state.instance);
    co_await state.write(repository, record);
    ++state.active;
    if (!state.beating.exchange(true)) {
        state.background.start_upkeep([&state]() -> Task<void> { co_await state.beat(); });
    }
    std::string id = record.task().id();
    auto job = std::make_shared<Job>(std::move(repository), std::move(record), std::move(steps),
                                     std::move(describe));
    state.background.start([&state, job]() -> Task<void> {
        try {
            co_await state.run(*job);
        } catch (const Error& error) {
            log::warning("the end of a task could not be recorded: {}", error.message());
        }
        --state.active;
    });
    co_return id;
}

Task<std::optional<TaskStatus>> Tasks::find(refs::Repository repository, TaskKind kind,
                                            std::string id) {
    if (!is_task_id(id, kind)) co_return std::nullopt;
    versions::Stores& stores = state_->stores;
    const kv::Key key = key_of_task(repository, id);
    const auto bytes = co_await kv::find(stores.kv, key);
    if (!bytes) co_return std::nullopt;
    auto record = decode_row<TaskRecord>(*bytes, "a task");
    TaskStatus status;
    status.updated = read_timestamp(record.task().updated_at());
    if (!record.task().done()) {
        if (!record.task().owner_instance_id().empty()) {
            kv::Key owner = key_of_heartbeat(record.task().owner_instance_id());
            const auto beat = co_await kv::find(stores.kv, std::move(owner));
            if (beat) status.updated = std::max(status.updated, time_of_heartbeat(*beat));
        }
        const bool lost = stores.clock.now() - status.updated > silence_max;
        if (lost) co_await state_->give_up(key, *bytes, record);
    }
    const auto& task = record.task();
    status.id = std::move(id);
    status.done = task.done();
    status.progress = task.progress();
    status.error = task.error_msg();
    status.status_code = task.status_code();
    status.result = record.result();
    co_return status;
}

Task<void> Tasks::remove_old_heartbeats() {
    versions::Stores& stores = state_->stores;
    co_await remove_rows_of_yesterday(stores, std::string(heartbeat_partition),
                                      std::string(heartbeat_prefix), time_of_heartbeat);
}

Task<void> Tasks::remove_old(refs::Repository repository) {
    co_await remove_rows_of_yesterday(state_->stores, repository.partition(),
                                      std::string(tasks_prefix), time_of_task);
}

}  // namespace tarn::catalog
