#include <fmt/format.h>

#include <utility>

#include "api/answers.h"
#include "api/checks.h"
#include "api/commit_items.h"
#include "api/diff_items.h"
#include "api/house.h"
#include "api/pagination.h"
#include "api/times.h"
#include "api/wire/refs.h"
#include "versions/compare.h"
#include "versions/history.h"

namespace tarn::api {
namespace {

// The commit that one end of a log names; prefixed as clients know it.
Task<std::string> commit_of(Call& call, refs::Repository repository, std::string ref,
                            std::string prefix) {
    const auto found = co_await resolve(call, std::move(repository), std::move(ref), prefix);
    if (found.staging_asked) {
        throw invalid(prefix + "ref: invalid value: validation error: should point to a commit");
    }
    co_return found.commit_id;
}

committed::Strategy strategy_of(const std::string& name) {
    if (name.empty()) return committed::Strategy::none;
    if (name == "dest-wins") return committed::Strategy::destination_wins;
    if (name == "source-wins") return committed::Strategy::source_wins;
    throw invalid("argument strategy: invalid value: validation error");
}

}  // namespace

Task<http::Response> log_commits(Call& call, wire::LogCommitsParams params) {
    const auto repository = co_await repository_of(call, std::move(params.repository));
    const std::string start = co_await commit_of(call, repository, params.ref, "ref: ");
    versions::LogQuery query;
    if (params.after && !params.after->empty()) {
        query.after = co_await commit_of(call, repository, *params.after, "from ref: ");
    }
    if (params.stop_at && !params.stop_at->empty()) {
        query.stop_at = co_await commit_of(call, repository, *params.stop_at, "stop_at: ");
    }
    if (params.since && !params.since->empty()) query.since = parse_time(*params.since);
    query.limit = page_size(params.amount);
    query.objects = std::move(params.objects);
    query.prefixes = std::move(params.prefixes);
    query.first_parent = params.first_parent;
    std::function<Task<refs::Page<refs::Commit>>()> job = [&]() -> Task<refs::Page<refs::Commit>> {
        co_return co_await versions::log(call.house.stores(), repository, start, query);
    };
    const auto page = co_await call.house.heavy.run(std::move(job));
    wire::CommitList list;
    for (const auto& commit : page.items) list.results.push_back(to_wire(commit));
    list.pagination = pagination(list.results, page.more && !params.limit);
    co_return json_answer(200, list);
}

Task<http::Response> diff_refs(Call& call, wire::DiffRefsParams params) {
    const auto repository = co_await repository_of(call, std::move(params.repository));
    require_short(params.prefix, "prefix");
    require_short(params.delimiter, "delimiter");
    const bool three_dot = params.type == "three_dot";
    const auto left = co_await resolve(call, repository, params.left_ref,
                                       fmt::format("get commit by branch {}: ", params.left_ref));
    if (left.staging_asked) {
        throw invalid(fmt::format(
            "reference '{}': reference to staging area with $ is not a commit", params.left_ref));
    }
    const std::string context = fmt::format("get commit by ref {}: ", params.right_ref);
    if (three_dot) {
        co_await resolve_commit(call, repository, params.right_ref, context);
    } else {
        co_await resolve(call, repository, params.right_ref, context);
    }
    versions::DiffQuery query;
    query.prefix = params.prefix.value_or("");
    query.after = params.after.value_or("");
    query.delimiter = params.delimiter.value_or("");
    query.limit = page_size(params.amount);
    std::function<Task<versions::DiffPage>()> job = [&]() -> Task<versions::DiffPage> {
        co_return co_await versions::diff_refs(call.house.stores(), repository, params.left_ref,
                                               params.right_ref, three_dot, query);
    };
    const versions::DiffPage page = co_await call.house.heavy.run(std::move(job));
    const DiffStyle style{.removed_size = true, .right = params.include_right_stats};
    co_return json_answer(200, diff_list(page, style));
}

Task<http::Response> merge_into_branch(Call& call, wire::MergeIntoBranchParams params,
                                       wire::Merge body) {
    const auto repository = co_await repository_of(call, std::move(params.repository));
    require_branch_name(params.destination_branch, "destination");
    versions::MergeRequest request;
    request.strategy = strategy_of(body.strategy.value_or(""));
    require_writable(repository, body.force);
    co_await branch_of(call, repository, params.destination_branch);
    const std::string update = fmt::format("update branch {}: ", params.destination_branch);
    co_await resolve_commit(call, repository, params.source_ref,
                            fmt::format("{}get commit by ref {}: ", update, params.source_ref));
    call.failures.changes_prefix = update;
    request.source = params.source_ref;
    request.destination = params.destination_branch;
    request.committer = call.caller->committer;
    request.message = body.message.value_or("");
    request.metadata = body.metadata.value_or(refs::Metadata());
    request.allow_empty = body.allow_empty;
    request.force = body.force;
    request.squash = body.squash_merge;
    std::function<Task<refs::Commit>()> job = [&]() -> Task<refs::Commit> {
        co_return co_await versions::merge(call.house.stores(), repository, request);
    };
    wire::MergeResult result;
    int status = 200;
    try {
        const refs::Commit made = co_await call.house.heavy.run(std::move(job));
        result.reference = made.id;
    } catch (const Error& error) {
        if (error.detail() != "merge_conflict") throw;
        status = 409;
    }
    co_return json_answer(status, result);
}

Task<http::Response> find_merge_base(Call& call, wire::FindMergeBaseParams params) {
    const auto repository = co_await repository_of(call, std::move(params.repository));
    co_await resolve_commit(call, repository, params.source_ref,
                            fmt::format("get commit by branch {}: ", params.source_ref));
    co_await resolve_commit(call, repository, params.destination_branch,
                            fmt::format("get commit by ref {}: ", params.destination_branch));
    const auto base = co_await versions::find_merge_base(
        call.house.stores(), repository, params.source_ref, params.destination_branch);
    wire::FindMergeBaseResult result;
    result.source_commit_id = base.source_commit;
    result.destination_commit_id = base.destination_commit;
    result.base_commit_id = base.base_commit;
    co_return json_answer(200, result);
}

}  // namespace tarn::api
