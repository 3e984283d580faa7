#include "base/error.h"
#include "versions/compare.h"
#include "versions/internal/branch.h"
#include "versions/internal/differences.h"

namespace tarn::versions {
namespace {

Task<DiffPage> diff_since_base(Stores& stores, refs::Repository& repository,
                               const std::string& left, const std::string& right,
                               const DiffQuery& query) {
    const refs::Commit ours = co_await resolve_commit(stores, repository, left);
    const refs::Commit theirs = co_await resolve_commit(stores, repository, right);
    const auto base = co_await stores.refs.merge_base(repository, ours.id, theirs.id);
    if (!base) {
        throw Error(Code::invalid_argument, "the histories share no commit", "no_merge_base");
    }
    const std::string& ns = repository.storage_namespace;
    const auto differences =
        incoming_differences(stores, {ns, base->tree_id}, {ns, ours.tree_id}, {ns, theirs.tree_id});
    co_return co_await page_of(*differences, query);
}

Task<DiffPage> diff_to_staged(Stores& stores, refs::Repository& repository, committed::Tree from,
                              std::string branch, const DiffQuery& query) {
    const std::function<Task<DiffPage>(const refs::Branch&)> read =
        [&](const refs::Branch& record) -> Task<DiffPage> {
        committed::Tree head = co_await tree_of(stores, repository, record.commit_id);
        const auto differences =
            staged_differences(stores, from, std::move(head), tokens_of(record));
        co_return co_await page_of(*differences, query);
    };
    co_return co_await read_under(stores, repository, std::move(branch), Record{}, read);
}

}  // namespace

Task<DiffPage> diff_refs(Stores& stores, refs::Repository repository, std::string left,
                         std::string right, bool three_dot, DiffQuery query) {
    if (three_dot) co_return co_await diff_since_base(stores, repository, left, right, query);

    const refs::Resolved from = co_await resolve(stores, repository, left);
    const refs::Resolved to = co_await resolve(stores, repository, right);
    committed::Tree left_tree = co_await tree_of(stores, repository, from.commit_id);
    if (to.staging_asked) {
        co_return co_await diff_to_staged(stores, repository, std::move(left_tree), to.name, query);
    }
    committed::Tree right_tree = co_await tree_of(stores, repository, to.commit_id);
    const auto differences =
        committed_differences(stores, std::move(left_tree), std::move(right_tree));
    co_return co_await page_of(*differences, query);
}

}  // namespace tarn::versions
