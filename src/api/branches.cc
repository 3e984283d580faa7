#include <fmt/format.h>

#include <utility>

#include "api/answers.h"
#include "api/checks.h"
#include "api/diff_items.h"
#include "api/house.h"
#include "api/pagination.h"
#include "api/wire/branches.h"
#include "api/wire/experimental.h"
#include "refs/names.h"
#include "versions/branches.h"
#include "versions/compare.h"
#include "versions/history.h"
#include "versions/reset.h"

namespace tarn::api {
namespace {

// The text that a name which is taken by a tag or a commit is refused with.
Task<Error> name_clash(Call& call, refs::Repository repository, std::string name) {
    const auto tag = co_await call.house.refs().find_tag(std::move(repository), name);
    const std::string_view what = tag ? "tag" : "commit";
    co_return exactly(409, fmt::format("{} ID {}: conflict found", what, name));
}

void check_new_name(const std::string& name) {
    if (name.empty()) throw invalid("argument branch: required value: validation error");
    if (refs::is_branch_name(name)) return;
    throw invalid(
        "argument branch: branch id: invalid value: validation error: branch id must consist of "
        "letters, digits, underscores and dashes, and cannot start with a dash");
}

wire::Ref to_wire(const refs::Branch& branch) {
    return {branch.id, branch.commit_id};
}

}  // namespace

Task<http::Response> list_branches(Call& call, wire::ListBranchesParams params) {
    auto repository = co_await repository_of(call, std::move(params.repository));
    const auto page = co_await call.house.refs().list_branches(
        std::move(repository), params.prefix.value_or(""), params.after.value_or(""),
        page_size(params.amount), params.show_hidden);
    wire::RefList list;
    for (const auto& branch : page.items) list.results.push_back(to_wire(branch));
    list.pagination = pagination(list.results, page.more);
    co_return json_answer(200, list);
}

Task<http::Response> create_branch(Call& call, wire::CreateBranchParams params,
                                   wire::BranchCreation body) {
    const auto repository = co_await repository_of(call, std::move(params.repository));
    require_writable(repository, body.force);
    const std::string context = fmt::format("source reference '{}': ", body.source);
    if (body.source.empty()) throw invalid("argument ref: required value: validation error");
    const auto source = co_await resolve(call, repository, body.source, context);
    if (source.staging_asked) {
        throw invalid(context + "can't create a branch without commit");
    }
    check_new_name(body.name);
    std::optional<refs::Branch> made;
    bool clash = false;
    try {
        made = co_await versions::create_branch(call.house.stores(), repository, body.name,
                                                body.source, body.hidden, body.force);
    } catch (const Error& error) {
        clash = error.detail() == "name_clash";
        if (!clash && error.code() != Code::already_exists) throw;
    }
    if (clash) {
        const Error error = co_await name_clash(call, repository, body.name);
        throw error;
    }
    if (!made) throw exactly(409, "branch already exists: not unique");
    co_return http::make_response(201, "text/plain; charset=utf-8", made->commit_id);
}

Task<http::Response> get_branch(Call& call, wire::GetBranchParams params) {
    auto repository = co_await repository_of(call, std::move(params.repository));
    require_branch_name(params.branch);
    const auto record = co_await branch_of(call, std::move(repository), std::move(params.branch));
    co_return json_answer(200, to_wire(record.branch));
}

Task<http::Response> delete_branch(Call& call, wire::DeleteBranchParams params) {
    auto repository = co_await repository_of(call, std::move(params.repository));
    require_branch_name(params.branch);
    require_writable(repository, params.force);
    co_await versions::delete_branch(call.house.stores(), std::move(repository),
                                     std::move(params.branch), params.force);
    co_return empty_answer();
}

Task<http::Response> reset_branch(Call& call, wire::ResetBranchParams params,
                                  wire::ResetCreation body) {
    const auto repository = co_await repository_of(call, std::move(params.repository));
    require_branch_name(params.branch);
    const std::string path = body.path.value_or("");
    if (body.type == "object") require_path(path);
    std::string missing =
        body.type == "object" ? "getting branch: branch not found" : "branch not found";
    co_await branch_of(call, repository, params.branch, std::move(missing));
    std::function<Task<void>()> job = [&]() -> Task<void> {
        versions::Stores& stores = call.house.stores();
        if (body.type == "object") {
            co_await versions::reset_key(stores, repository, params.branch, path, body.force);
        } else if (body.type == "common_prefix" && !path.empty()) {
            co_await versions::reset_prefix(stores, repository, params.branch, path, body.force);
        } else {
            co_await versions::reset_branch(stores, repository, params.branch, body.force);
        }
    };
    co_await call.house.heavy.run(std::move(job));
    co_return empty_answer();
}

Task<http::Response> hard_reset_branch(Call& call, wire::HardResetBranchParams params) {
    const auto repository = co_await repository_of(call, std::move(params.repository));
    require_branch_name(params.branch);
    call.failures.protected_branch = "protected branch";
    require_writable(repository, params.force);
    co_await branch_of(call, repository, params.branch);
    co_await resolve_commit(call, repository, params.ref,
                            fmt::format("hard-reset {} to {}: ", params.branch, params.ref));
    std::function<Task<void>()> job = [&]() -> Task<void> {
        co_await versions::hard_reset(call.house.stores(), repository, params.branch, params.ref,
                                      params.force);
    };
    co_await call.house.heavy.run(std::move(job));
    co_return empty_answer();
}

Task<http::Response> revert_branch(Call& call, wire::RevertBranchParams params,
                                   wire::RevertCreation body) {
    const auto repository = co_await repository_of(call, std::move(params.repository));
    require_branch_name(params.branch);
    if (body.parent_number < 0) {
        throw invalid("argument parentNumber: invalid value: validation error");
    }
    require_writable(repository, body.force);
    co_await branch_of(call, repository, params.branch);
    const auto target = co_await resolve_commit(call, repository, body.ref,
                                                fmt::format("get commit from ref {}: ", body.ref));
    const auto commit = co_await call.house.refs().get_commit(repository, target.commit_id);
    const auto parents = static_cast<std::int64_t>(commit.parents.size());
    if (parents > 1 && body.parent_number == 0) {
        throw exactly(409, "must specify 1-based parent number for reverting merge commit");
    }
    if (body.parent_number > parents) {
        throw invalid(fmt::format("given commit does not have the given parent number: parent {}",
                                  body.parent_number));
    }
    call.failures.changes_prefix = "update branch: ";
    versions::RevertRequest request;
    request.branch = params.branch;
    request.ref = body.ref;
    request.parent = static_cast<int>(body.parent_number);
    request.committer = call.caller->committer;
    if (body.commit_overrides) {
        if (body.commit_overrides->message && !body.commit_overrides->message->empty()) {
            request.message = body.commit_overrides->message;
        }
        request.metadata = body.commit_overrides->metadata.value_or(refs::Metadata());
    }
    request.allow_empty = body.allow_empty;
    request.force = body.force;
    std::function<Task<refs::Commit>()> job = [&]() -> Task<refs::Commit> {
        co_return co_await versions::revert(call.house.stores(), repository, request);
    };
    co_await call.house.heavy.run(std::move(job));
    co_return empty_answer();
}

Task<http::Response> diff_branch(Call& call, wire::DiffBranchParams params) {
    auto repository = co_await repository_of(call, std::move(params.repository));
    require_branch_name(params.branch);
    co_await branch_of(call, repository, params.branch);
    require_short(params.prefix, "prefix");
    require_short(params.delimiter, "delimiter");
    versions::DiffQuery query;
    query.prefix = params.prefix.value_or("");
    query.after = params.after.value_or("");
    query.delimiter = params.delimiter.value_or("");
    query.limit = page_size(params.amount);
    std::function<Task<versions::DiffPage>()> job = [&]() -> Task<versions::DiffPage> {
        co_return co_await versions::diff_branch(call.house.stores(), repository, params.branch,
                                                 query);
    };
    const versions::DiffPage page = co_await call.house.heavy.run(std::move(job));
    co_return json_answer(200, diff_list(page, DiffStyle{.removed_size = false}));
}

}  // namespace tarn::api
