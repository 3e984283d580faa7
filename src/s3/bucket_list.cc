#include "s3/bucket_list.h"

#include "s3/branch_walk.h"

namespace tarn::s3 {
namespace {

Task<catalog::Listing> list_ref(const Call& call, std::string ref, versions::ListQuery query) {
    catalog::Listing listing;
    if (query.prefix.size() > path_bytes_max) co_return listing;
    try {
        listing = co_await call.parts.catalog.list(call.repository, ref, std::move(query));
    } catch (const Error& error) {
        // A ref that is none, or is none any more, holds nothing.
        if (error.code() != Code::not_found && error.code() != Code::invalid_argument) throw;
    }
    co_return listing;
}

void append(BucketPage& page, const std::string& base, catalog::Listing listing) {
    for (auto& item : listing.items) {
        page.items.push_back({base + item.path, item.is_prefix, std::move(item.entry)});
    }
    page.more = listing.more;
}

// Where a cursor in the bucket stands inside "<ref>/".
struct Cursor {
    bool is_behind = false;  // all of the ref's keys come before it
    std::string inside;
};

Cursor cursor_in(const std::string& base, const std::string& after) {
    if (after.starts_with(base)) return {false, after.substr(base.size())};
    return {after > base, {}};
}

Task<BucketPage> list_one_ref(const Call& call, BucketQuery query, std::size_t slash) {
    BucketPage page;
    const auto base = query.prefix.substr(0, slash + 1);
    const auto cursor = cursor_in(base, query.after);
    if (cursor.is_behind || slash == 0) co_return page;
    auto listing = co_await list_ref(call, base.substr(0, slash),
                                     versions::ListQuery{.prefix = query.prefix.substr(slash + 1),
                                                         .after = cursor.inside,
                                                         .delimiter = query.delimiter,
                                                         .limit = query.limit});
    append(page, base, std::move(listing));
    co_return page;
}

// The common prefix that all keys of a branch share, or nothing.
std::optional<std::string> prefix_of_branch(const std::string& base, const BucketQuery& query) {
    if (query.delimiter.empty()) return std::nullopt;
    const auto at = base.find(query.delimiter, query.prefix.size());
    if (at == base.npos) return std::nullopt;
    return base.substr(0, at + query.delimiter.size());
}

Task<BucketPage> list_branches(const Call& call, BucketQuery query) {
    BucketPage page;
    BranchWalk branches(call.parts.refs(), call.repository, query.prefix, query.after);
    for (;;) {
        const auto branch = co_await branches.next();
        if (!branch) co_return page;
        const auto base = *branch + "/";
        const auto room = query.limit - static_cast<int>(page.items.size());
        if (const auto prefix = prefix_of_branch(base, query)) {
            const bool is_known = !page.items.empty() && page.items.back().key == *prefix;
            if (is_known || *prefix <= query.after) continue;
            page.more = room == 0;
            if (page.more) co_return page;
            page.items.push_back({*prefix, true, {}});
            continue;
        }
        const auto cursor = cursor_in(base, query.after);
        if (cursor.is_behind) continue;
        page.more = room == 0;
        if (page.more) co_return page;
        auto listing = co_await list_ref(
            call, *branch,
            versions::ListQuery{
                .prefix = "", .after = cursor.inside, .delimiter = query.delimiter, .limit = room});
        const bool is_whole = query.after < base;
        if (listing.items.empty() && is_whole) page.items.push_back({base, true, {}});
        append(page, base, std::move(listing));
        if (page.more) co_return page;
    }
}

}  // namespace

Task<BucketPage> list_bucket(const Call& call, BucketQuery query) {
    if (query.limit == 0) co_return BucketPage{};
    const auto slash = query.prefix.find('/');
    if (slash != query.prefix.npos) {
        co_return co_await list_one_ref(call, std::move(query), slash);
    }
    co_return co_await list_branches(call, std::move(query));
}

}  // namespace tarn::s3
