#include "versions/leftovers.h"

#include <algorithm>
#include <unordered_set>

#include "versions/internal/branch.h"

namespace tarn::versions {
namespace {

constexpr int page_size = 1'000;
constexpr std::size_t uuid_size = 36;
constexpr std::string_view foreign_prefix = "import-ingest_range:";  // named by no branch

// "<repository>-<branch>:<uuid>".
bool is_token(std::string_view partition) {
    if (partition.size() < uuid_size + 4 || partition.starts_with(foreign_prefix)) return false;
    if (partition[partition.size() - uuid_size - 1] != ':') return false;
    return std::ranges::all_of(partition.substr(partition.size() - uuid_size), [](char c) {
        return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || c == '-';
    });
}

Task<std::vector<std::string>> list_tokens(Stores& stores) {
    std::vector<std::string> tokens;
    std::string after;
    while (true) {
        const auto page = co_await stores.kv.partitions(after, page_size);
        std::ranges::copy_if(page, std::back_inserter(tokens), is_token);
        if (page.size() < static_cast<std::size_t>(page_size)) co_return tokens;
        after = page.back();
    }
}

Task<void> add_named(Stores& stores, const refs::Repository& repository,
                     std::unordered_set<std::string>& named) {
    refs::Page<refs::Branch> page;
    std::string after;
    do {
        page = co_await stores.refs.list_branches(repository, "", after, page_size, true);
        for (const refs::Branch& branch : page.items) {
            for (std::string& token : tokens_of(branch)) named.insert(std::move(token));
        }
        if (page.more) after = page.items.back().id;
    } while (page.more);
}

Task<std::unordered_set<std::string>> list_named(Stores& stores) {
    std::unordered_set<std::string> named;
    refs::Page<refs::Repository> page;
    std::string after;
    do {
        page = co_await stores.refs.list_repositories("", after, page_size, "");
        for (const refs::Repository& repository : page.items) {
            co_await add_named(stores, repository, named);
        }
        if (page.more) after = page.items.back().id;
    } while (page.more);
    co_return named;
}

}  // namespace

Task<std::vector<std::string>> find_leftovers(Stores& stores) {
    std::vector<std::string> tokens = co_await list_tokens(stores);
    const auto named = co_await list_named(stores);
    std::erase_if(tokens, [&named](const std::string& token) { return named.contains(token); });
    co_return tokens;
}

Task<std::size_t> clean_leftovers(Stores& stores, std::vector<std::string> found) {
    const auto named = co_await list_named(stores);
    std::erase_if(found, [&named](const std::string& token) { return named.contains(token); });
    const std::size_t count = found.size();
    co_await drop_tokens(stores, std::move(found));
    co_return count;
}

}  // namespace tarn::versions
