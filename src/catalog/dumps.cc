#include "catalog/dumps.h"

#include <fmt/format.h>

#include <memory>
#include <utility>

#include "catalog/internal/rows.h"
#include "catalog/jobs.pb.h"

namespace tarn::catalog {
namespace {

versions::Checkpoint checkpoint_of(Catalog& catalog) {
    return [&catalog] { catalog.background().checkpoint(); };
}

std::string encode(const versions::Dump& dump) {
    DumpResult result;
    result.set_commits_metarange_id(dump.commits);
    result.set_branches_metarange_id(dump.branches);
    result.set_tags_metarange_id(dump.tags);
    return result.SerializeAsString();
}

std::string manifest_of(const versions::Dump& dump) {
    return fmt::format(
        "{{\n  \"branches_meta_range_id\": \"{}\",\n  \"commits_meta_range_id\": \"{}\",\n"
        "  \"tags_meta_range_id\": \"{}\"\n}}",
        dump.branches, dump.commits, dump.tags);
}

using DumpOne = Task<std::string> (*)(versions::Stores&, refs::Repository, versions::Checkpoint);
using RestoreOne = Task<void> (*)(versions::Stores&, refs::Repository, std::string,
                                  versions::Checkpoint);

Tasks::Step dump_step(Catalog& catalog, const refs::Repository& repository,
                      const std::shared_ptr<versions::Dump>& dump, DumpOne write,
                      std::string versions::Dump::* member) {
    return [&catalog, repository, dump, write, member]() -> Task<std::string> {
        dump.get()->*member = co_await write(catalog.stores(), repository, checkpoint_of(catalog));
        co_return encode(*dump);
    };
}

Tasks::Step restore_step(Catalog& catalog, const refs::Repository& repository, RestoreOne load,
                         std::string tree) {
    return [&catalog, repository, load, tree]() -> Task<std::string> {
        co_await load(catalog.stores(), repository, tree, checkpoint_of(catalog));
        co_return std::string();
    };
}

}  // namespace

Task<versions::Dump> dump_refs(Catalog& catalog, refs::Repository repository) {
    versions::Stores& stores = catalog.stores();
    versions::Dump dump;
    dump.commits = co_await versions::dump_commits(stores, repository, checkpoint_of(catalog));
    dump.branches = co_await versions::dump_branches(stores, repository, checkpoint_of(catalog));
    dump.tags = co_await versions::dump_tags(stores, repository, checkpoint_of(catalog));
    block::Address address{repository.storage_namespace,
                           stores.trees.address_of("refs_manifest.json")};
    auto body = source_of(manifest_of(dump));
    co_await catalog.blocks().put(std::move(address), *body, false);
    co_return dump;
}

Task<void> restore_refs(Catalog& catalog, refs::Repository repository, versions::Dump dump) {
    versions::Stores& stores = catalog.stores();
    co_await versions::restore_commits(stores, repository, dump.commits, checkpoint_of(catalog));
    co_await versions::restore_branches(stores, repository, dump.branches, checkpoint_of(catalog));
    co_await versions::restore_tags(stores, repository, dump.tags, checkpoint_of(catalog));
}

Task<std::string> submit_dump(Catalog& catalog, refs::Repository repository,
                              Tasks::Describe describe) {
    const auto dump = std::make_shared<versions::Dump>();
    std::vector<Tasks::Step> steps{
        dump_step(catalog, repository, dump, versions::dump_commits, &versions::Dump::commits),
        dump_step(catalog, repository, dump, versions::dump_branches, &versions::Dump::branches),
        dump_step(catalog, repository, dump, versions::dump_tags, &versions::Dump::tags)};
    co_return co_await catalog.tasks().submit(std::move(repository), dump_task, std::move(steps),
                                              std::move(describe));
}

Task<std::string> submit_restore(Catalog& catalog, refs::Repository repository, versions::Dump dump,
                                 Tasks::Describe describe) {
    std::vector<Tasks::Step> steps{
        restore_step(catalog, repository, versions::restore_commits, dump.commits),
        restore_step(catalog, repository, versions::restore_branches, dump.branches),
        restore_step(catalog, repository, versions::restore_tags, dump.tags)};
    co_return co_await catalog.tasks().submit(std::move(repository), restore_task, std::move(steps),
                                              std::move(describe));
}

versions::Dump decode_dump(std::string_view result) {
    const auto record = decode_row<DumpResult>(result, "a dump");
    return {.commits = record.commits_metarange_id(),
            .branches = record.branches_metarange_id(),
            .tags = record.tags_metarange_id()};
}

}  // namespace tarn::catalog
