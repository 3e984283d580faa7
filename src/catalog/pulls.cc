#include "catalog/pulls.h"

#include <fmt/format.h>

#include <utility>

#include "base/error.h"
#include "base/ids.h"
#include "base/timestamp.h"
#include "catalog/internal/text.h"
#include "catalog/records.pb.h"
#include "kv/page.h"
#include "versions/history.h"

namespace tarn::catalog {
namespace {

constexpr std::string_view pulls_prefix = "pulls/";
constexpr int tries_max = 10;

kv::Key pull_key(const refs::Repository& repository, std::string_view id) {
    return {repository.partition(), fmt::format("{}{}", pulls_prefix, id)};
}

// The latest request between two branches.
kv::Key index_key(const refs::Repository& repository, const Pull& pull) {
    return {"pulls",
            fmt::format("repos/{}/{}/{}", repository.partition(), pull.source, pull.destination)};
}

std::string encode_pull(const Pull& pull) {
    PullRecord record;
    record.set_id(pull.id);
    record.set_status(static_cast<int>(pull.state));
    write_timestamp(*record.mutable_created_at(), pull.created);
    record.set_title(pull.title);
    record.set_author(pull.author);
    record.set_description(pull.description);
    record.set_source_branch(pull.source);
    record.set_destination_branch(pull.destination);
    if (pull.commit_id) record.set_commit_id(*pull.commit_id);
    if (pull.closed) write_timestamp(*record.mutable_closed_at(), *pull.closed);
    return record.SerializeAsString();
}

Pull decode_pull(std::string_view bytes) {
    PullRecord record;
    const bool read = record.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()));
    if (!read || record.status() < 0 || record.status() > 2) {
        throw Error(Code::corrupted, "the record of a pull request is not what it must be");
    }
    Pull pull;
    pull.id = record.id();
    pull.state = static_cast<PullState>(record.status());
    pull.created = read_timestamp(record.created_at());
    pull.title = record.title();
    pull.author = record.author();
    pull.description = record.description();
    pull.source = record.source_branch();
    pull.destination = record.destination_branch();
    if (record.has_commit_id()) pull.commit_id = record.commit_id();
    if (record.has_closed_at()) pull.closed = read_timestamp(record.closed_at());
    return pull;
}

[[noreturn]] void refuse_state(const Pull& pull) {
    throw Error(Code::invalid_argument,
                fmt::format("pull request '{}' does not go on to that state", pull.id),
                "bad_pull_state");
}

// One step of the state machine, but for merging.
void move(Pull& pull, PullState to, Time now) {
    if (to == pull.state) return;
    if (pull.state == PullState::merged || to == PullState::merged) refuse_state(pull);
    pull.state = to;
    pull.closed = to == PullState::closed ? std::optional(now) : std::nullopt;
}

// Reads, changes and writes back, until nobody else wrote in between.
Task<Pull> change_pull(versions::Stores& stores, refs::Repository repository, std::string id,
                       std::function<void(Pull&)> change) {
    const kv::Key key = pull_key(repository, id);
    for (int attempt = 0; attempt < tries_max; ++attempt) {
        const auto bytes = co_await kv::find(stores.kv, key);
        if (!bytes) {
            throw Error(Code::not_found, fmt::format("pull request '{}' not found", id),
                        "no_such_pull");
        }
        Pull pull = decode_pull(*bytes);
        change(pull);
        std::string next = encode_pull(pull);
        if (next == *bytes) co_return pull;
        kv::Expected unchanged = kv::equals(*bytes);
        const bool written =
            co_await kv::put_if(stores.kv, key, std::move(next), std::move(unchanged));
        if (written) co_return pull;
    }
    throw Error(Code::conflict, fmt::format("pull request '{}' kept changing", id),
                "too_many_tries");
}

}  // namespace

bool is_pull_id(std::string_view text) {
    return xid_time(text).has_value();
}

Task<Pull> create_pull(versions::Stores& stores, refs::Repository repository, Pull pull) {
    require_text(pull.title, "the title");
    require_text(pull.description, "the description");
    pull.created = stores.clock.now();
    pull.id = new_descending_xid(pull.created, Descending::from_year_3000);
    pull.state = PullState::open;
    PullIndexRecord index;
    index.set_primary_key(pull.id);
    const std::vector<kv::Step> steps{
        kv::Put{index_key(repository, pull), index.SerializeAsString()},
        kv::PutIf{pull_key(repository, pull.id), encode_pull(pull), kv::absent}};
    const auto results = co_await stores.kv.run(steps);
    if (!results[1].done) {
        throw Error(Code::already_exists, fmt::format("pull request '{}' exists", pull.id));
    }
    co_return pull;
}

Task<Pull> get_pull(versions::Stores& stores, refs::Repository repository, std::string id) {
    const auto bytes = co_await kv::find(stores.kv, pull_key(repository, id));
    if (!bytes) {
        throw Error(Code::not_found, fmt::format("pull request '{}' not found", id),
                    "no_such_pull");
    }
    co_return decode_pull(*bytes);
}

Task<PullPage> list_pulls(versions::Stores& stores, refs::Repository repository, PullQuery query) {
    kv::Keep keep;
    if (query.wanted) {
        keep = [&query](const kv::Pair& row) { return query.wanted(decode_pull(row.value).state); };
    }
    const auto rows = co_await kv::list_rows(stores.kv, repository.partition(),
                                             std::string(pulls_prefix), std::move(query.prefix),
                                             std::move(query.after), query.limit, std::move(keep));
    PullPage page{.items = {}, .more = rows.more};
    for (const kv::Pair& row : rows.items) page.items.push_back(decode_pull(row.value));
    co_return page;
}

Task<Pull> update_pull(versions::Stores& stores, refs::Repository repository, std::string id,
                       PullChange change) {
    if (change.title) require_text(*change.title, "the title");
    if (change.description) require_text(*change.description, "the description");
    const Time now = stores.clock.now();
    std::function<void(Pull&)> apply = [&change, now](Pull& pull) {
        if (change.title) pull.title = *change.title;
        if (change.description) pull.description = *change.description;
        if (change.state) move(pull, *change.state, now);
    };
    co_return co_await change_pull(stores, std::move(repository), std::move(id), std::move(apply));
}

Task<Pull> merge_pull(versions::Stores& stores, refs::Repository repository, std::string id,
                      std::string committer) {
    const Pull pull = co_await get_pull(stores, repository, id);
    if (pull.state != PullState::open) refuse_state(pull);
    versions::MergeRequest request;
    request.source = pull.source;
    request.destination = pull.destination;
    request.committer = std::move(committer);
    const refs::Commit commit = co_await versions::merge(stores, repository, std::move(request));
    const Time now = stores.clock.now();
    // The branches are merged: whatever became of the request meanwhile, that is what it is now.
    std::function<void(Pull&)> apply = [&commit, now](Pull& current) {
        current.state = PullState::merged;
        current.commit_id = commit.id;
        current.closed = now;
    };
    co_return co_await change_pull(stores, std::move(repository), std::move(id), std::move(apply));
}

}  // namespace tarn::catalog
