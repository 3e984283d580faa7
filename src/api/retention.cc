#include <utility>

#include "api/answers.h"
#include "api/checks.h"
#include "api/house.h"
#include "api/wire/internal.h"
#include "api/wire/repositories.h"

namespace tarn::api {
namespace {

// Retention is not offered yet; what it would refuse is refused all the same.
Task<http::Response> refuse_retention(Call& call, std::string repository_name, bool writes) {
    const auto repository = co_await repository_of(call, std::move(repository_name));
    if (writes) require_writable(repository, false);
    co_return refuse(501, "Not Implemented");
}

}  // namespace

Task<http::Response> get_gc_rules(Call& call, wire::GetGCRulesParams params) {
    co_return co_await refuse_retention(call, std::move(params.repository), false);
}

Task<http::Response> set_gc_rules(Call& call, wire::SetGCRulesParams params,
                                  wire::GarbageCollectionRules) {
    co_return co_await refuse_retention(call, std::move(params.repository), true);
}

Task<http::Response> delete_gc_rules(Call& call, wire::DeleteGCRulesParams params) {
    co_return co_await refuse_retention(call, std::move(params.repository), true);
}

Task<http::Response> prepare_garbage_collection_uncommitted(
    Call& call, wire::PrepareGarbageCollectionUncommittedParams params,
    wire::PrepareGCUncommittedRequest) {
    co_return co_await refuse_retention(call, std::move(params.repository), true);
}

Task<http::Response> restore_refs(Call& call, wire::RestoreRefsParams params, wire::RefsRestore) {
    const auto repository = co_await repository_of(call, std::move(params.repository));
    const auto branch =
        co_await call.house.refs().find_branch(repository, repository.default_branch);
    if (branch) throw invalid("can only restore into a bare repository");
    co_return refuse(501, "Not Implemented");
}

}  // namespace tarn::api
