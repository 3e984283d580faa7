#include <fmt/format.h>

#include <utility>

#include "api/answers.h"
#include "api/checks.h"
#include "api/house.h"
#include "api/pagination.h"
#include "api/wire/actions.h"
#include "hooks/runs.h"

namespace tarn::api {
namespace {

// What lakeFS shows for the times of a hook that never ran.
constexpr std::string_view never = "0001-01-01T00:00:00Z";

wire::ActionRun to_wire(const hooks::Run& run) {
    wire::ActionRun out;
    out.run_id = run.id;
    out.branch = run.branch;
    out.commit_id = run.commit_id;
    out.event_type = run.event_type;
    out.start_time = format_rfc3339(run.started);
    out.end_time = format_rfc3339(run.ended);
    out.status = run.passed ? "completed" : "failed";
    return out;
}

wire::HookRun to_wire(const hooks::HookRun& hook) {
    wire::HookRun out;
    out.hook_run_id = hook.id;
    out.action = hook.action;
    out.hook_id = hook.hook_id;
    out.start_time = hook.started ? format_rfc3339(*hook.started) : std::string(never);
    if (hook.started && hook.ended) out.end_time = format_rfc3339(*hook.ended);
    out.status = hook.passed ? "completed" : hook.started ? "failed" : "skipped";
    return out;
}

// A header's value cannot hold what is not visible ASCII.
std::string file_name(std::string_view hook_run_id) {
    std::string name;
    for (const char c : hook_run_id) name += c > ' ' && c < 0x7f && c != '"' && c != ';' ? c : '_';
    return name;
}

}  // namespace

Task<http::Response> list_repository_runs(Call& call, wire::ListRepositoryRunsParams params) {
    auto repository = co_await repository_of(call, std::move(params.repository));
    hooks::RunQuery query;
    query.branch = params.branch.value_or("");
    query.commit_id = params.commit.value_or("");
    if (!query.branch.empty() && !query.commit_id.empty()) {
        throw invalid("can't use both branchID and MergedCommitID: parameters conflict");
    }
    query.after = params.after.value_or("");
    query.limit = page_size(params.amount);
    const auto page =
        co_await hooks::list_runs(call.house.stores().kv, std::move(repository), std::move(query));
    wire::ActionRunList list;
    for (const auto& run : page.items) list.results.push_back(to_wire(run));
    const std::string last = page.items.empty() ? std::string() : page.items.back().id;
    list.pagination = pagination(page.items.size(), page.more, last);
    co_return json_answer(200, list);
}

Task<http::Response> get_run(Call& call, wire::GetRunParams params) {
    auto repository = co_await repository_of(call, std::move(params.repository));
    const auto run = co_await hooks::find_run(call.house.stores().kv, std::move(repository),
                                              std::move(params.run_id));
    if (!run) throw not_found("not found: not found");
    co_return json_answer(200, to_wire(*run));
}

Task<http::Response> list_run_hooks(Call& call, wire::ListRunHooksParams params) {
    auto repository = co_await repository_of(call, std::move(params.repository));
    const auto page = co_await hooks::list_hook_runs(
        call.house.stores().kv, std::move(repository), std::move(params.run_id),
        params.after.value_or(""), page_size(params.amount));
    wire::HookRunList list;
    for (const auto& hook : page.items) list.results.push_back(to_wire(hook));
    const std::string last = page.items.empty() ? std::string() : page.items.back().id;
    list.pagination = pagination(page.items.size(), page.more, last);
    co_return json_answer(200, list);
}

Task<http::Response> get_run_hook_output(Call& call, wire::GetRunHookOutputParams params) {
    const auto repository = co_await repository_of(call, std::move(params.repository));
    const auto hook = co_await hooks::find_hook_run(call.house.stores().kv, repository,
                                                    params.run_id, params.hook_run_id);
    if (!hook) throw not_found("not found");
    auto log = co_await hooks::open_log(call.house.blocks(), repository, *hook);
    if (!log && hook->started) throw exactly(410, "No data");
    http::Response response;
    response.fields.add("Content-Type", "application/octet-stream");
    response.fields.add("Content-Disposition",
                        fmt::format("attachment; filename={}.log", file_name(hook->id)));
    response.fields.add("X-Content-Type-Options", "nosniff");
    if (log) response.body = std::move(log->body);
    co_return response;
}

}  // namespace tarn::api
