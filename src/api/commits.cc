#include <fmt/format.h>

#include <utility>

#include "api/answers.h"
#include "api/checks.h"
#include "api/commit_items.h"
#include "api/house.h"
#include "api/wire/branches.h"
#include "api/wire/commits.h"
#include "api/wire/internal.h"
#include "versions/history.h"

namespace tarn::api {

wire::Commit to_wire(const refs::Commit& commit) {
    wire::Commit out;
    out.id = commit.id;
    out.parents = commit.parents;
    out.committer = commit.committer;
    out.message = commit.message;
    out.creation_date = unix_seconds(commit.created);
    out.meta_range_id = commit.tree_id;
    out.metadata = commit.metadata;
    out.generation = commit.generation;
    out.version = commit.version;
    return out;
}

Task<http::Response> commit(Call& call, wire::CommitParams params, wire::CommitCreation body) {
    const auto repository = co_await repository_of(call, std::move(params.repository));
    require_branch_name(params.branch);
    call.failures.protected_branch = "cannot commit to protected branch";
    call.failures.changes_prefix = "commit: ";
    co_await branch_of(call, repository, params.branch);
    versions::CommitRequest request;
    request.branch = params.branch;
    request.committer = call.caller->committer;
    request.message = body.message;
    request.metadata = body.metadata.value_or(refs::Metadata());
    if (body.date) request.date = from_unix_seconds(*body.date);
    request.source_tree = params.source_metarange;
    request.allow_empty = body.allow_empty;
    request.force = body.force;
    std::function<Task<refs::Commit>()> job = [&]() -> Task<refs::Commit> {
        co_return co_await versions::commit(call.house.stores(), repository, request);
    };
    std::optional<refs::Commit> made;
    try {
        made = co_await call.house.heavy.run(std::move(job));
    } catch (const Error& error) {
        if (!params.source_metarange || error.detail() != "dirty_branch") throw;
    }
    if (!made) {
        throw invalid("cannot use source MetaRange on a branch with uncommitted changes");
    }
    co_return json_answer(201, to_wire(*made));
}

Task<http::Response> get_commit(Call& call, wire::GetCommitParams params) {
    const auto repository = co_await repository_of(call, std::move(params.repository));
    std::optional<refs::Resolved> found;
    try {
        found = co_await resolve(call, repository, params.commit_id, "");
    } catch (const Error& error) {
        if (error.code() != Code::not_found) throw;
    }
    if (!found) throw not_found("commit not found");
    if (found->staging_asked) {
        throw invalid("ref: invalid value: validation error: should point to a commit");
    }
    const auto commit = co_await call.house.refs().get_commit(repository, found->commit_id);
    co_return json_answer(200, to_wire(commit));
}

Task<http::Response> create_commit_record(Call& call, wire::CreateCommitRecordParams params,
                                          wire::CommitRecordCreation body) {
    const auto repository = co_await repository_of(call, std::move(params.repository));
    require_writable(repository, body.force);
    refs::Commit record;
    record.committer = std::move(body.committer);
    record.message = std::move(body.message);
    record.created = from_unix_seconds(body.creation_date);
    record.tree_id = std::move(body.metarange_id);
    record.metadata = body.metadata.value_or(refs::Metadata());
    record.parents = std::move(body.parents);
    record.version = static_cast<std::int32_t>(body.version);
    record.generation = static_cast<std::int32_t>(body.generation);
    if (refs::commit_id_of(record) != body.commit_id) {
        throw invalid("commit id: invalid value: validation error");
    }
    const auto existing = co_await call.house.refs().find_commit(repository, body.commit_id);
    if (existing) throw exactly(409, "commit already exists: not unique");
    co_await call.house.refs().add_commit(repository, std::move(record));
    co_return empty_answer();
}

Task<http::Response> cherry_pick(Call& call, wire::CherryPickParams params,
                                 wire::CherryPickCreation body) {
    const auto repository = co_await repository_of(call, std::move(params.repository));
    require_branch_name(params.branch);
    if (body.parent_number && *body.parent_number <= 0) {
        throw invalid(
            "argument parentNumber: value should be greater than 0: invalid value: validation "
            "error");
    }
    require_writable(repository, body.force);
    co_await branch_of(call, repository, params.branch);
    const auto target = co_await resolve_commit(call, repository, body.ref,
                                                fmt::format("get commit from ref {}: ", body.ref));
    const auto picked = co_await call.house.refs().get_commit(repository, target.commit_id);
    if (picked.parents.size() > 1 && !body.parent_number) {
        throw invalid("must specify 1-based parent number for cherry-picking merge commit");
    }
    const std::int64_t parent = body.parent_number.value_or(1);
    if (parent > static_cast<std::int64_t>(picked.parents.size())) {
        throw invalid(
            fmt::format("parent {}: given commit does not have the given parent number", parent));
    }
    call.failures.changes_prefix = "update branch: ";
    versions::CherryPickRequest request;
    request.branch = params.branch;
    request.ref = body.ref;
    request.parent = static_cast<int>(parent);
    request.committer = call.caller->committer;
    if (body.commit_overrides) {
        if (body.commit_overrides->message && !body.commit_overrides->message->empty()) {
            request.message = body.commit_overrides->message;
        }
        request.metadata = body.commit_overrides->metadata.value_or(refs::Metadata());
    }
    request.force = body.force;
    std::function<Task<refs::Commit>()> job = [&]() -> Task<refs::Commit> {
        co_return co_await versions::cherry_pick(call.house.stores(), repository, request);
    };
    const refs::Commit made = co_await call.house.heavy.run(std::move(job));
    co_return json_answer(201, to_wire(made));
}

}  // namespace tarn::api
