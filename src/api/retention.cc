#include <algorithm>
#include <limits>
#include <utility>

#include "api/answers.h"
#include "api/checks.h"
#include "api/house.h"
#include "api/tasks.h"
#include "api/wire/internal.h"
#include "api/wire/repositories.h"
#include "gc/commits.h"
#include "gc/rules.h"
#include "gc/uncommitted.h"

namespace tarn::api {
namespace {

std::int32_t days_of(std::int64_t given, std::string_view field) {
    using Days = std::numeric_limits<std::int32_t>;
    if (given >= Days::min() && given <= Days::max()) return static_cast<std::int32_t>(given);
    throw invalid(std::string(field) + ": invalid value: validation error");
}

Task<http::Response> answer_rules(Call& call, std::string repository_name) {
    auto repository = co_await repository_of(call, std::move(repository_name));
    const auto rules = co_await gc::find_rules(call.house.catalog, std::move(repository));
    if (!rules) throw not_found("not found");
    wire::GarbageCollectionRules answer;
    answer.default_retention_days = rules->default_days;
    for (const auto& [branch, days] : rules->branch_days) {
        wire::GarbageCollectionRule& rule = answer.branches.emplace_back();
        rule.branch_id = branch;
        rule.retention_days = days;
    }
    co_return json_answer(200, answer);
}

Task<http::Response> set_rules(Call& call, std::string repository_name,
                               wire::GarbageCollectionRules body) {
    auto repository = co_await repository_of(call, std::move(repository_name));
    require_writable(repository, false);
    gc::Rules rules;
    rules.default_days = days_of(body.default_retention_days, "default_retention_days");
    for (wire::GarbageCollectionRule& rule : body.branches) {
        rules.branch_days[std::move(rule.branch_id)] =
            days_of(rule.retention_days, "retention_days");
    }
    co_await gc::set_rules(call.house.catalog, std::move(repository), std::move(rules));
    co_return empty_answer();
}

Task<http::Response> remove_rules(Call& call, std::string repository_name) {
    auto repository = co_await repository_of(call, std::move(repository_name));
    require_writable(repository, false);
    co_await gc::remove_rules(call.house.catalog, std::move(repository));
    co_return empty_answer();
}

// What a sweeper is told, with a URL of the list where the store offers such.
Task<wire::GarbageCollectionPrepareResponse> to_wire(Call& call, gc::PreparedCommits prepared) {
    wire::GarbageCollectionPrepareResponse out;
    out.run_id = prepared.run_id;
    out.gc_commits_location = prepared.commits_location;
    out.gc_addresses_location = prepared.addresses_location;
    const block::Properties& store = call.house.blocks().properties();
    if (store.presign) {
        block::Address list{"", prepared.commits_location};
        out.gc_commits_presigned_url =
            co_await call.house.blocks().presign(std::move(list), false, store.presign_lifetime);
    }
    co_return out;
}

}  // namespace

Task<http::Response> get_gc_rules(Call& call, wire::GetGCRulesParams params) {
    co_return co_await answer_rules(call, std::move(params.repository));
}

Task<http::Response> set_gc_rules(Call& call, wire::SetGCRulesParams params,
                                  wire::GarbageCollectionRules body) {
    co_return co_await set_rules(call, std::move(params.repository), std::move(body));
}

Task<http::Response> delete_gc_rules(Call& call, wire::DeleteGCRulesParams params) {
    co_return co_await remove_rules(call, std::move(params.repository));
}

Task<http::Response> internal_get_garbage_collection_rules(
    Call& call, wire::InternalGetGarbageCollectionRulesParams params) {
    co_return co_await answer_rules(call, std::move(params.repository));
}

Task<http::Response> internal_set_garbage_collection_rules(
    Call& call, wire::InternalSetGarbageCollectionRulesParams params,
    wire::GarbageCollectionRules body) {
    co_return co_await set_rules(call, std::move(params.repository), std::move(body));
}

Task<http::Response> internal_delete_garbage_collection_rules(
    Call& call, wire::InternalDeleteGarbageCollectionRulesParams params) {
    co_return co_await remove_rules(call, std::move(params.repository));
}

Task<http::Response> set_garbage_collection_rules_preflight(
    Call& call, wire::SetGarbageCollectionRulesPreflightParams params) {
    co_await repository_of(call, std::move(params.repository));
    co_return empty_answer();
}

Task<http::Response> prepare_garbage_collection_commits(
    Call& call, wire::PrepareGarbageCollectionCommitsParams params) {
    const auto repository = co_await repository_of(call, std::move(params.repository));
    std::function<Task<gc::PreparedCommits>()> job = [&] {
        versions::Checkpoint checkpoint = [&call] { call.house.catalog.background().checkpoint(); };
        return gc::prepare_commits(call.house.catalog, repository, std::move(checkpoint));
    };
    const gc::PreparedCommits prepared = co_await call.house.heavy.run(std::move(job));
    const auto answer = co_await to_wire(call, prepared);
    co_return json_answer(201, answer);
}

Task<http::Response> prepare_garbage_collection_commits_async(
    Call& call, wire::PrepareGarbageCollectionCommitsAsyncParams params) {
    auto repository = co_await repository_of(call, std::move(params.repository));
    wire::TaskCreation answer;
    answer.id = co_await gc::submit_prepare_commits(call.house.catalog, std::move(repository),
                                                    describe_failure);
    co_return json_answer(202, answer);
}

Task<http::Response> prepare_garbage_collection_commits_status(
    Call& call, wire::PrepareGarbageCollectionCommitsStatusParams params) {
    const catalog::TaskStatus status = co_await task_of(
        call, std::move(params.repository), catalog::gc_commits_task, std::move(params.id));
    wire::PrepareGarbageCollectionCommitsStatus answer;
    answer.task_id = status.id;
    answer.completed = status.done;
    answer.update_time = format_rfc3339(status.updated);
    if (!status.error.empty()) answer.error = wire::Error{status.error};
    if (status.done && status.error.empty()) {
        answer.result = co_await to_wire(call, gc::decode_prepared(status.result));
    }
    co_return json_answer(200, answer);
}

Task<http::Response> prepare_garbage_collection_uncommitted(
    Call& call, wire::PrepareGarbageCollectionUncommittedParams params,
    wire::PrepareGCUncommittedRequest body) {
    const auto repository = co_await repository_of(call, std::move(params.repository));
    require_writable(repository, false);
    std::function<Task<gc::PreparedUncommitted>()> job = [&] {
        return gc::prepare_uncommitted(call.house.catalog, repository,
                                       body.continuation_token.value_or(""),
                                       gc::UncommittedOptions());
    };
    const gc::PreparedUncommitted prepared = co_await call.house.heavy.run(std::move(job));
    wire::PrepareGCUncommittedResponse answer;
    answer.run_id = prepared.run_id;
    answer.gc_uncommitted_location = prepared.location;
    if (!prepared.continuation.empty()) answer.continuation_token = prepared.continuation;
    co_return json_answer(201, answer);
}

}  // namespace tarn::api
