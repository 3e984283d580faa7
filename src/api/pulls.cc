#include "catalog/pulls.h"

#include <fmt/format.h>

#include <utility>

#include "api/answers.h"
#include "api/checks.h"
#include "api/house.h"
#include "api/pagination.h"
#include "api/wire/pulls.h"
#include "api/wire/refs.h"

namespace tarn::api {
namespace {

std::string_view name_of(catalog::PullState state) {
    switch (state) {
        case catalog::PullState::open:
            return "open";
        case catalog::PullState::closed:
            return "closed";
        case catalog::PullState::merged:
            return "merged";
    }
    return "open";
}

catalog::PullState state_of(std::string_view name) {
    if (name == "closed") return catalog::PullState::closed;
    return name == "merged" ? catalog::PullState::merged : catalog::PullState::open;
}

// What a list shows of a pull request, as either of its wire types.
template <class Shown>
Shown summary_of(const catalog::Pull& pull) {
    Shown out;
    out.status = name_of(pull.state);
    out.title = pull.title;
    out.id = pull.id;
    out.creation_date = format_rfc3339(pull.created);
    out.author = pull.author;
    out.source_branch = pull.source;
    out.destination_branch = pull.destination;
    if (pull.closed) out.closed_date = format_rfc3339(*pull.closed);
    return out;
}

wire::PullRequest to_wire(const catalog::Pull& pull) {
    auto out = summary_of<wire::PullRequest>(pull);
    out.description = pull.description;
    out.merged_commit_id = pull.commit_id;
    return out;
}

// lakeFS lists pull requests without their text, and scripts compare. The SDKs that are generated
// from its contract raise over an item that has none, so they get it.
bool is_generated_client(const http::Request& request) {
    const auto agent = request.find("User-Agent");
    return agent && agent->starts_with("lakefs-") && agent->contains("-sdk/");
}

void require_pull_id(std::string_view id) {
    if (catalog::is_pull_id(id)) return;
    throw invalid("argument pullRequestID: pull request id: invalid value: validation error");
}

}  // namespace

Task<http::Response> list_pull_requests(Call& call, wire::ListPullRequestsParams params) {
    auto repository = co_await repository_of(call, std::move(params.repository));
    catalog::PullQuery query;
    query.prefix = params.prefix.value_or("");
    query.after = params.after.value_or("");
    query.limit = page_size(params.amount);
    if (params.status == "open") {
        query.wanted = [](catalog::PullState state) { return state == catalog::PullState::open; };
    } else if (params.status == "closed") {
        query.wanted = [](catalog::PullState state) { return state != catalog::PullState::open; };
    }
    const auto page =
        co_await catalog::list_pulls(call.house.stores(), std::move(repository), std::move(query));
    wire::PullRequestsList list;
    const bool with_text = is_generated_client(call.request);
    for (const auto& pull : page.items) {
        auto& shown = list.results.emplace_back(summary_of<wire::PullRequestSummary>(pull));
        if (with_text) shown.description = pull.description;
    }
    list.pagination = pagination(list.results, page.more);
    co_return json_answer(200, list);
}

Task<http::Response> create_pull_request(Call& call, wire::CreatePullRequestParams params,
                                         wire::PullRequestCreation body) {
    const auto repository = co_await repository_of(call, std::move(params.repository));
    require_branch_name(body.destination_branch, "destination");
    require_branch_name(body.source_branch, "src");
    require_writable(repository, false);
    if (body.source_branch == body.destination_branch) {
        throw invalid("source and destination branches are the same: same branch validation error");
    }
    co_await branch_of(call, repository, body.source_branch);
    co_await branch_of(call, repository, body.destination_branch);
    catalog::Pull pull;
    pull.title = std::move(body.title);
    pull.description = std::move(body.description).value_or("");
    pull.author = call.caller->committer;
    pull.source = std::move(body.source_branch);
    pull.destination = std::move(body.destination_branch);
    const catalog::Pull made =
        co_await catalog::create_pull(call.house.stores(), repository, std::move(pull));
    wire::PullRequestCreationResponse answer;
    answer.id = made.id;
    co_return json_answer(201, answer);
}

Task<http::Response> get_pull_request(Call& call, wire::GetPullRequestParams params) {
    auto repository = co_await repository_of(call, std::move(params.repository));
    require_pull_id(params.pull_request);
    const catalog::Pull pull = co_await catalog::get_pull(
        call.house.stores(), std::move(repository), std::move(params.pull_request));
    co_return json_answer(200, to_wire(pull));
}

Task<http::Response> update_pull_request(Call& call, wire::UpdatePullRequestParams params,
                                         wire::PullRequestBasic body) {
    auto repository = co_await repository_of(call, std::move(params.repository));
    require_pull_id(params.pull_request);
    require_writable(repository, false);
    catalog::PullChange change;
    change.title = std::move(body.title);
    change.description = std::move(body.description);
    if (body.status) change.state = state_of(*body.status);
    co_await catalog::update_pull(call.house.stores(), std::move(repository),
                                  std::move(params.pull_request), std::move(change));
    co_return empty_answer();
}

Task<http::Response> merge_pull_request(Call& call, wire::MergePullRequestParams params) {
    const auto repository = co_await repository_of(call, std::move(params.repository));
    require_pull_id(params.pull_request);
    const catalog::Pull pull =
        co_await catalog::get_pull(call.house.stores(), repository, params.pull_request);
    if (pull.state != catalog::PullState::open) throw invalid("bad pull request status");
    require_writable(repository, false);
    co_await branch_of(call, repository, pull.destination);
    const std::string update = fmt::format("update branch {}: ", pull.destination);
    co_await resolve_commit(call, repository, pull.source,
                            fmt::format("{}get commit by ref {}: ", update, pull.source));
    call.failures.changes_prefix = update;
    std::function<Task<catalog::Pull>()> job = [&]() -> Task<catalog::Pull> {
        co_return co_await catalog::merge_pull(call.house.stores(), repository, params.pull_request,
                                               call.caller->committer);
    };
    const catalog::Pull merged = co_await call.house.heavy.run(std::move(job));
    wire::MergeResult result;
    result.reference = merged.commit_id.value_or("");
    co_return json_answer(200, result);
}

}  // namespace tarn::api
