#include <fmt/format.h>

#include "base/error.h"
#include "kv/page.h"
#include "refs/internal/rows.h"
#include "refs/internal/state.h"

namespace tarn::refs {

Task<Tag> Refs::create_tag(Repository repository, std::string name, std::string ref) {
    if (!is_tag_name(name)) refuse_name("tag", name);
    const Commit commit = co_await resolve_commit(repository, std::move(ref));
    const std::vector<kv::Step> lookups{kv::Find{branch_key(repository, name)},
                                        kv::Find{commit_key(repository, name)}};
    const auto clashes = co_await state_->store.run(lookups);
    if (clashes[0].value || clashes[1].value) {
        throw Error(Code::conflict, fmt::format("'{}' is the name of a branch or commit", name),
                    "name_clash");
    }
    Tag tag{.id = name, .commit_id = commit.id};
    const kv::Key key = tag_key(repository, name);
    const bool created = co_await kv::put_if(state_->store, key, encode(tag), kv::absent);
    if (!created) {
        throw Error(Code::already_exists, fmt::format("tag '{}' already exists", name));
    }
    co_return tag;
}

Task<std::optional<Tag>> Refs::find_tag(Repository repository, std::string name) {
    if (name.empty()) co_return std::nullopt;
    const auto bytes = co_await kv::find(state_->store, tag_key(repository, name));
    if (!bytes) co_return std::nullopt;
    co_return decode_tag(*bytes);
}

Task<Page<Tag>> Refs::list_tags(Repository repository, std::string prefix, std::string after,
                                int limit) {
    auto pairs =
        co_await kv::list_rows(state_->store, repository.partition(), std::string(tags_prefix),
                               std::move(prefix), std::move(after), limit, nullptr);
    Page<Tag> page{.items = {}, .more = pairs.more};
    for (const kv::Pair& pair : pairs.items) page.items.push_back(decode_tag(pair.value));
    co_return page;
}

Task<void> Refs::delete_tag(Repository repository, std::string name) {
    const auto found = co_await find_tag(repository, name);
    if (!found) {
        throw Error(Code::not_found,
                    fmt::format("tag '{}' of repository '{}' not found", name, repository.id),
                    "no_such_tag");
    }
    co_await kv::remove(state_->store, tag_key(repository, name));
}

}  // namespace tarn::refs
