#include "api/sample.h"

#include <utility>

#include "api/house.h"
#include "api/upload.h"
#include "versions/history.h"

namespace tarn::api {
namespace {

struct Sample {
    std::string_view path;
    std::string_view content_type;
    std::string_view text;
};

constexpr Sample samples[] = {
    {"README.md", "text/markdown",
     "# A small lake\n\nTwo tables of harbours and their tides. Branch, change a row, diff and "
     "merge.\n"},
    {"tables/harbours.csv", "text/csv",
     "harbour,country,latitude,longitude\nBergen,NO,60.39,5.32\nBrest,FR,48.39,-4.49\n"
     "Cuxhaven,DE,53.87,8.71\nFalmouth,GB,50.15,-5.06\n"},
    {"tables/tides/2024.csv", "text/csv",
     "harbour,day,high_cm,low_cm\nBergen,2024-01-01,142,38\nBrest,2024-01-01,655,148\n"
     "Cuxhaven,2024-01-01,389,71\nFalmouth,2024-01-01,498,102\n"},
};

}  // namespace

Task<void> add_sample_data(Call& call, refs::Repository repository) {
    catalog::Catalog& catalog = call.house.catalog;
    const versions::WriteOptions options{.force = true};
    for (const Sample& sample : samples) {
        auto source = source_of(std::string(sample.text));
        catalog::Entry entry = co_await store_body(call, repository, *source);
        entry.content_type = std::string(sample.content_type);
        co_await catalog.put(repository, repository.default_branch, std::string(sample.path),
                             std::move(entry), {}, options);
    }
    versions::CommitRequest request;
    request.branch = repository.default_branch;
    request.committer = call.caller->committer;
    request.message = "Add sample data";
    request.force = true;
    co_await versions::commit(call.house.stores(), repository, std::move(request));
    refs::ProtectionRules rules;
    rules.patterns[repository.default_branch] = {refs::BlockedAction::staging_write,
                                                 refs::BlockedAction::commit};
    co_await call.house.protection.set(repository, std::move(rules), std::nullopt);
}

}  // namespace tarn::api
