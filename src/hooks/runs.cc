#include "hooks/runs.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/error.h"
#include "base/timestamp.h"
#include "hooks/records.pb.h"
#include "kv/page.h"

namespace tarn::hooks {
namespace {

constexpr std::string_view partition = "actions";

std::string runs_prefix(const refs::Repository& repository) {
    return fmt::format("repos/{}/runs/", repository.id);
}

std::string hooks_prefix(const refs::Repository& repository, std::string_view run_id) {
    return fmt::format("repos/{}/tasks/{}/", repository.id, run_id);
}

kv::Key key_of(std::string prefix, std::string_view id) {
    return {std::string(partition), prefix.append(id)};
}

// A hook that never ran has the year 1 for its times, which our clock does not reach.
std::optional<Time> read_time(const Timestamp& from) {
    if (!fits_time(from)) return std::nullopt;
    return read_timestamp(from);
}

template <class Record>
Record parse(std::string_view bytes, std::string_view what) {
    Record record;
    if (!record.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) {
        throw Error(Code::corrupted, fmt::format("the record of {} cannot be read", what));
    }
    return record;
}

Run decode_run(std::string_view bytes) {
    const auto record = parse<RunRecord>(bytes, "a run");
    Run run;
    run.id = record.run_id();
    run.branch = record.branch_id();
    run.source_ref = record.source_ref();
    run.commit_id = record.commit_id();
    run.event_type = record.event_type();
    run.started = read_time(record.start_time()).value_or(Time());
    run.ended = read_time(record.end_time()).value_or(Time());
    run.passed = record.passed();
    return run;
}

HookRun decode_hook_run(std::string_view bytes) {
    const auto record = parse<HookRunRecord>(bytes, "a hook's run");
    HookRun hook;
    hook.id = record.hook_run_id();
    hook.run_id = record.run_id();
    hook.hook_id = record.hook_id();
    hook.action = record.action_name();
    hook.started = read_time(record.start_time());
    hook.ended = read_time(record.end_time());
    hook.passed = record.passed();
    return hook;
}

// The runs that rows of an index stand for.
Task<std::vector<Run>> follow(kv::Store& store, std::vector<kv::Pair> rows) {
    std::vector<kv::Step> lookups;
    lookups.reserve(rows.size());
    for (const kv::Pair& row : rows) {
        auto index = parse<RunIndexRecord>(row.value, "an index of runs");
        if (index.primary_key().empty()) continue;
        lookups.push_back(kv::Find{{std::string(partition), index.primary_key()}});
    }
    std::vector<Run> runs;
    if (lookups.empty()) co_return runs;
    const auto found = co_await store.run(lookups);
    for (const kv::Result& result : found) {
        if (result.value) runs.push_back(decode_run(*result.value));
    }
    co_return runs;
}

}  // namespace

Task<Page<Run>> list_runs(kv::Store& store, refs::Repository repository, RunQuery query) {
    std::string prefix = runs_prefix(repository);
    const bool by_branch = !query.branch.empty();
    const bool by_commit = !query.commit_id.empty();
    if (by_branch) {
        prefix = fmt::format("repos/{}/branches/{}/", repository.id, query.branch);
    } else if (by_commit) {
        prefix = fmt::format("repos/{}/commits/{}/", repository.id, query.commit_id);
    }
    auto rows = co_await kv::list_rows(store, std::string(partition), std::move(prefix),
                                       std::string(), std::move(query.after), query.limit, nullptr);
    Page<Run> page{.items = {}, .more = rows.more};
    if (by_branch || by_commit) {
        page.items = co_await follow(store, std::move(rows.items));
    } else {
        for (const kv::Pair& row : rows.items) page.items.push_back(decode_run(row.value));
    }
    co_return page;
}

Task<std::optional<Run>> find_run(kv::Store& store, refs::Repository repository, std::string id) {
    const auto bytes = co_await kv::find(store, key_of(runs_prefix(repository), id));
    if (!bytes) co_return std::nullopt;
    co_return decode_run(*bytes);
}

Task<Page<HookRun>> list_hook_runs(kv::Store& store, refs::Repository repository,
                                   std::string run_id, std::string after, int limit) {
    const auto rows =
        co_await kv::list_rows(store, std::string(partition), hooks_prefix(repository, run_id),
                               std::string(), std::move(after), limit, nullptr);
    Page<HookRun> page{.items = {}, .more = rows.more};
    for (const kv::Pair& row : rows.items) page.items.push_back(decode_hook_run(row.value));
    co_return page;
}

Task<std::optional<HookRun>> find_hook_run(kv::Store& store, refs::Repository repository,
                                           std::string run_id, std::string id) {
    const auto bytes = co_await kv::find(store, key_of(hooks_prefix(repository, run_id), id));
    if (!bytes) co_return std::nullopt;
    co_return decode_hook_run(*bytes);
}

Task<std::optional<block::Opened>> open_log(block::Store& blocks, refs::Repository repository,
                                            HookRun hook) {
    if (!hook.started) co_return std::nullopt;
    block::Address address{repository.storage_namespace,
                           fmt::format("_lakefs/actions/log/{}/{}.log", hook.run_id, hook.id)};
    co_return co_await blocks.open(std::move(address), std::nullopt);
}

}  // namespace tarn::hooks
