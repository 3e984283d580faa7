#include "catalog/dumps.h"

#include <utility>

#include "api/answers.h"
#include "api/checks.h"
#include "api/house.h"
#include "api/tasks.h"
#include "api/wire/internal.h"
#include "api/wire/repositories.h"

namespace tarn::api {
namespace {

wire::RefsDump to_wire(const versions::Dump& dump) {
    wire::RefsDump out;
    out.commits_meta_range_id = dump.commits;
    out.tags_meta_range_id = dump.tags;
    out.branches_meta_range_id = dump.branches;
    return out;
}

versions::Dump dump_of(const wire::RefsRestore& body) {
    return {.commits = body.commits_meta_range_id,
            .branches = body.branches_meta_range_id,
            .tags = body.tags_meta_range_id};
}

// The repository, if a dump with these trees can be loaded into it.
Task<refs::Repository> restorable(Call& call, std::string name, const wire::RefsRestore& body) {
    auto repository = co_await repository_of(call, std::move(name));
    const auto branch =
        co_await call.house.refs().find_branch(repository, repository.default_branch);
    if (branch) throw invalid("can only restore into a bare repository");
    require_writable(repository, body.force);
    for (const std::string& id :
         {body.commits_meta_range_id, body.branches_meta_range_id, body.tags_meta_range_id}) {
        bool exists = refs::is_commit_id(id);  // else it would name other files
        if (exists) {
            committed::Tree tree{repository.storage_namespace, id};
            exists = co_await call.house.stores().trees.exists(std::move(tree));
        }
        if (!exists) throw not_found("metarange not found");
    }
    co_return repository;
}

// How far a task is, without what it comes to.
template <class Status>
Status progress_of(const catalog::TaskStatus& status) {
    Status out;
    out.id = status.id;
    out.done = status.done;
    out.update_time = format_rfc3339(status.updated);
    if (!status.error.empty()) out.error = status.error;
    return out;
}

}  // namespace

Task<http::Response> dump_refs(Call& call, wire::DumpRefsParams params) {
    const auto repository = co_await repository_of(call, std::move(params.repository));
    std::function<Task<versions::Dump>()> job = [&] {
        return catalog::dump_refs(call.house.catalog, repository);
    };
    const versions::Dump dump = co_await call.house.heavy.run(std::move(job));
    co_return json_answer(201, to_wire(dump));
}

Task<http::Response> restore_refs(Call& call, wire::RestoreRefsParams params,
                                  wire::RefsRestore body) {
    const auto repository = co_await restorable(call, std::move(params.repository), body);
    std::function<Task<void>()> job = [&] {
        return catalog::restore_refs(call.house.catalog, repository, dump_of(body));
    };
    co_await call.house.heavy.run(std::move(job));
    co_return empty_answer(200);
}

Task<http::Response> dump_submit(Call& call, wire::DumpSubmitParams params) {
    auto repository = co_await repository_of(call, std::move(params.repository));
    wire::TaskInfo answer;
    answer.id =
        co_await catalog::submit_dump(call.house.catalog, std::move(repository), describe_failure);
    co_return json_answer(202, answer);
}

Task<http::Response> dump_status(Call& call, wire::DumpStatusParams params) {
    const catalog::TaskStatus status = co_await task_of(
        call, std::move(params.repository), catalog::dump_task, std::move(params.task_id));
    auto answer = progress_of<wire::RepositoryDumpStatus>(status);
    if (status.done && status.error.empty()) {
        answer.refs = to_wire(catalog::decode_dump(status.result));
    }
    co_return json_answer(200, answer);
}

Task<http::Response> restore_submit(Call& call, wire::RestoreSubmitParams params,
                                    wire::RefsRestore body) {
    auto repository = co_await restorable(call, std::move(params.repository), body);
    wire::TaskInfo answer;
    answer.id = co_await catalog::submit_restore(call.house.catalog, std::move(repository),
                                                 dump_of(body), describe_failure);
    co_return json_answer(202, answer);
}

Task<http::Response> restore_status(Call& call, wire::RestoreStatusParams params) {
    const catalog::TaskStatus status = co_await task_of(
        call, std::move(params.repository), catalog::restore_task, std::move(params.task_id));
    co_return json_answer(200, progress_of<wire::RepositoryRestoreStatus>(status));
}

}  // namespace tarn::api
