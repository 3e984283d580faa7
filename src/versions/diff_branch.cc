#include "versions/compare.h"
#include "versions/internal/branch.h"
#include "versions/internal/differences.h"

namespace tarn::versions {

Task<DiffPage> diff_branch(Stores& stores, refs::Repository repository, std::string branch,
                           DiffQuery query) {
    const std::function<Task<DiffPage>(const refs::Branch&)> read =
        [&](const refs::Branch& record) -> Task<DiffPage> {
        const committed::Tree head = co_await tree_of(stores, repository, record.commit_id);
        const auto differences = staged_differences(stores, head, head, tokens_of(record));
        co_return co_await page_of(*differences, query);
    };
    co_return co_await read_under(stores, repository, branch, Record{}, read);
}

}  // namespace tarn::versions
