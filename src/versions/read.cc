#include "versions/read.h"

#include <algorithm>

#include "base/error.h"
#include "refs/names.h"
#include "versions/internal/branch.h"
#include "versions/internal/paging.h"
#include "versions/internal/view.h"

namespace tarn::versions {
namespace {

constexpr int items_max = 1'000;
constexpr int staged_rows_beside_delimiter = 100;

// The branch record last seen, where `ref` is a bare name: proves nothing, saves a read.
Record find_read_hint(Stores& stores, const refs::Repository& repository, const std::string& ref) {
    if (!refs::is_branch_name(ref)) return nullptr;
    const auto hint = stores.hints.find(repository, ref);
    return hint ? hint->record : nullptr;
}

// What a ref shows: a tree, or a branch with its staged changes.
struct Source {
    Record branch;          // set: read under it
    std::string commit_id;  // else
};

Task<Source> find_source(Stores& stores, refs::Repository& repository, const std::string& ref) {
    if (Record hint = find_read_hint(stores, repository, ref)) co_return Source{hint, {}};
    refs::Resolved resolved = co_await resolve(stores, repository, ref);
    if (!resolved.with_staging) co_return Source{nullptr, std::move(resolved.commit_id)};
    co_return Source{remember(stores, repository, std::move(*resolved.branch)), {}};
}

bool is_missing_branch(const Error& error) {
    return error.code() == Code::not_found && error.detail() == "no_such_branch";
}

Task<ListPage> list_view(View& view, const ListQuery& query) {
    ListPage page;
    const auto limit = static_cast<std::size_t>(std::clamp(query.limit, 1, items_max));
    auto start = first_key(query.prefix, query.after, query.delimiter);
    if (!start) co_return page;
    bool valid = co_await view.seek(std::move(*start));
    while (valid) {
        const committed::RecordView record = view.record();
        if (!record.key.starts_with(query.prefix)) break;
        if (page.items.size() == limit) {
            page.more = true;
            break;
        }
        std::string rolled_up(common_prefix(record.key, query.prefix, query.delimiter));
        if (!rolled_up.empty()) {
            page.items.push_back({rolled_up, true, ""});
            valid = co_await view.skip(std::move(rolled_up));
            continue;
        }
        page.items.push_back({std::string(record.key), false, std::string(record.data)});
        valid = view.step();
        if (!valid) valid = co_await view.cross();
    }
    co_return page;
}

Task<ListPage> list_branch(Stores& stores, refs::Repository& repository, Record record,
                           const ListQuery& query) {
    const int rows = query.delimiter.empty() ? std::clamp(query.limit + 1, 2, items_max)
                                             : staged_rows_beside_delimiter;
    const std::function<Task<ListPage>(const refs::Branch&)> read =
        [&](const refs::Branch& branch) -> Task<ListPage> {
        committed::Tree tree = co_await tree_of(stores, repository, branch.commit_id);
        View view(stores, std::move(tree), tokens_of(branch), rows);
        co_return co_await list_view(view, query);
    };
    std::string name = record->branch.id;
    co_return co_await read_under(stores, repository, std::move(name), std::move(record), read);
}

Task<std::optional<Value>> get_on_branch(Stores& stores, refs::Repository& repository,
                                         Record record, const std::string& key) {
    const std::vector<std::string> keys{key};
    const std::string name = record->branch.id;
    StagedRead staged = co_await read_staged(stores, repository, name, std::move(record), keys);
    auto& entry = staged.entries.front();
    if (entry && entry->is_tombstone()) co_return std::nullopt;
    if (entry) co_return Value{std::move(entry->identity), std::move(entry->data)};
    committed::Tree tree = co_await tree_of(stores, repository, staged.record->branch.commit_id);
    co_return co_await stores.trees.find(std::move(tree), key);
}

// Runs `on_branch` or `at_commit`. A hint may name a branch that is gone, and its name now be a
// tag's: then the ref is resolved afresh.
template <class T>
Task<T> read_ref(Stores& stores, refs::Repository& repository, const std::string& ref,
                 const std::function<Task<T>(Record)>& on_branch,
                 const std::function<Task<T>(const std::string& commit_id)>& at_commit) {
    const Source source = co_await find_source(stores, repository, ref);
    if (!source.branch) co_return co_await at_commit(source.commit_id);
    try {
        co_return co_await on_branch(source.branch);
    } catch (const Error& error) {
        if (!is_missing_branch(error)) throw;
    }
    const Source again = co_await find_source(stores, repository, ref);
    if (!again.branch) co_return co_await at_commit(again.commit_id);
    co_return co_await on_branch(again.branch);
}

}  // namespace

Task<std::optional<Value>> get(Stores& stores, refs::Repository repository, std::string ref,
                               std::string key) {
    require_key(key);
    using Found = std::optional<Value>;
    const std::function<Task<Found>(Record)> on_branch = [&](Record record) -> Task<Found> {
        return get_on_branch(stores, repository, std::move(record), key);
    };
    const std::function<Task<Found>(const std::string&)> at_commit =
        [&](const std::string& commit_id) -> Task<Found> {
        committed::Tree tree = co_await tree_of(stores, repository, commit_id);
        co_return co_await stores.trees.find(std::move(tree), key);
    };
    co_return co_await read_ref(stores, repository, ref, on_branch, at_commit);
}

Task<ListPage> list(Stores& stores, refs::Repository repository, std::string ref, ListQuery query) {
    const std::function<Task<ListPage>(Record)> on_branch = [&](Record record) -> Task<ListPage> {
        return list_branch(stores, repository, std::move(record), query);
    };
    const std::function<Task<ListPage>(const std::string&)> at_commit =
        [&](const std::string& commit_id) -> Task<ListPage> {
        committed::Tree tree = co_await tree_of(stores, repository, commit_id);
        View view(stores, std::move(tree), {}, items_max);
        co_return co_await list_view(view, query);
    };
    co_return co_await read_ref(stores, repository, ref, on_branch, at_commit);
}

}  // namespace tarn::versions
