#include <map>
#include <utility>

#include "api/answers.h"
#include "api/checks.h"
#include "api/house.h"
#include "api/object_items.h"
#include "api/wire/internal.h"

namespace tarn::api {
namespace {

// The physical addresses of the objects of one folder, a line each.
using Folders = std::map<std::string, std::string>;

Task<Folders> addresses_below(Call& call, refs::Repository repository, std::string ref,
                              std::string location) {
    Folders folders;
    versions::ListQuery query;
    query.prefix = std::move(location);
    query.limit = 1000;
    bool more = true;
    while (more) {
        const auto page = co_await call.house.catalog.list(repository, ref, query);
        for (const auto& item : page.items) {
            const std::size_t slash = item.path.rfind('/');
            const std::string folder = slash == std::string::npos ? "" : item.path.substr(0, slash);
            folders[folder] += shown_address(call.house.catalog, repository, item.entry) + "\n";
        }
        more = page.more && !page.items.empty();
        if (more) query.after = page.items.back().path;
    }
    co_return folders;
}

}  // namespace

Task<http::Response> create_symlink_file(Call& call, wire::CreateSymlinkFileParams params) {
    const auto repository = co_await repository_of(call, std::move(params.repository));
    co_await resolve(call, repository, params.branch, "");
    const Folders folders =
        co_await addresses_below(call, repository, params.branch, params.location.value_or(""));
    for (const auto& [folder, lines] : folders) {
        std::string key = "symlinks/" + repository.id + "/" + params.branch + "/";
        if (!folder.empty()) key += folder + "/";
        key += "symlink.txt";
        auto body = source_of(lines);
        const block::Address address{repository.storage_namespace, std::move(key)};
        co_await call.house.blocks().put(address, *body, false);
    }
    wire::StorageURI answer;
    answer.location = repository.storage_namespace + "/symlinks";
    co_return json_answer(201, answer);
}

}  // namespace tarn::api
