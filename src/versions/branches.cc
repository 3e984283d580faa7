#include "versions/branches.h"

#include "versions/internal/branch.h"
#include "versions/internal/events.h"

namespace tarn::versions {

using Kind = Event::Kind;

Task<refs::Branch> create_branch(Stores& stores, refs::Repository repository, std::string name,
                                 std::string source, bool hidden, bool force) {
    require_read_write(repository, force);
    const refs::Commit head = co_await resolve_commit(stores, repository, source);
    Event before{Kind::pre_create_branch, repository, name, source, head};
    co_await announce(stores, std::move(before));
    refs::Branch branch = co_await stores.refs.create_branch(repository, name, head.id, hidden);
    Event after{Kind::post_create_branch, repository, name, source, head};
    co_await report(stores, std::move(after));
    co_return branch;
}

Task<void> delete_branch(Stores& stores, refs::Repository repository, std::string name,
                         bool force) {
    require_read_write(repository, force);
    const Record record = co_await get_branch(stores, repository, name);
    const refs::Commit head = co_await stores.refs.get_commit(repository, record->branch.commit_id);
    Event before{Kind::pre_delete_branch, repository, name, name, head};
    // The default branch is refused below; nobody needs to hear of that.
    const bool refused = name == repository.default_branch;
    if (!refused) co_await announce(stores, std::move(before));
    const refs::Branch deleted = co_await stores.refs.delete_branch(repository, name);
    stores.hints.forget(repository, name);
    co_await drop_tokens(stores, tokens_of(deleted));
    Event after{Kind::post_delete_branch, repository, name, name, head};
    co_await report(stores, std::move(after));
}

Task<refs::Tag> create_tag(Stores& stores, refs::Repository repository, std::string name,
                           std::string ref, bool force) {
    require_read_write(repository, force);
    const refs::Commit commit = co_await resolve_commit(stores, repository, ref);
    Event before{Kind::pre_create_tag, repository, name, ref, commit};
    co_await announce(stores, std::move(before));
    refs::Tag tag = co_await stores.refs.create_tag(repository, name, commit.id);
    Event after{Kind::post_create_tag, repository, name, ref, commit};
    co_await report(stores, std::move(after));
    co_return tag;
}

Task<void> delete_tag(Stores& stores, refs::Repository repository, std::string name, bool force) {
    require_read_write(repository, force);
    const auto tag = co_await stores.refs.find_tag(repository, name);
    refs::Commit commit;
    if (tag) commit.id = tag->commit_id;
    Event before{Kind::pre_delete_tag, repository, name, commit.id, commit};
    if (tag) co_await announce(stores, std::move(before));
    co_await stores.refs.delete_tag(repository, name);
    Event after{Kind::post_delete_tag, repository, name, commit.id, commit};
    co_await report(stores, std::move(after));
}

}  // namespace tarn::versions
