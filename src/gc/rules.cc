#include "gc/rules.h"

#include "base/error.h"
#include "gc/internal/places.h"
#include "gc/records.pb.h"

namespace tarn::gc {
namespace {

constexpr std::string_view rules_name = "rules/config.json";  // though it is no JSON
constexpr std::size_t rules_bytes_max = 16 * 1024 * 1024;

Task<void> write(catalog::Catalog& catalog, const refs::Repository& repository, std::string bytes) {
    auto body = source_of(std::move(bytes));
    block::Address address = file_at(catalog, repository, rules_name);
    co_await catalog.blocks().put(std::move(address), *body, false);
}

}  // namespace

std::int32_t Rules::days_of(const std::string& branch) const {
    const auto found = branch_days.find(branch);
    return found == branch_days.end() ? default_days : found->second;
}

Task<std::optional<Rules>> find_rules(catalog::Catalog& catalog, refs::Repository repository) {
    block::Address address = file_at(catalog, repository, rules_name);
    auto opened = co_await catalog.blocks().open(std::move(address), std::nullopt);
    if (!opened) co_return std::nullopt;
    const auto source = as_source(std::move(opened->body));
    const std::string bytes = co_await read_all(*source, rules_bytes_max);
    if (bytes.empty()) co_return std::nullopt;
    records::Rules record;
    if (!record.ParseFromString(bytes)) {
        throw Error(Code::corrupted, "the retention rules are not what they must be");
    }
    Rules rules;
    rules.default_days = record.default_retention_days();
    rules.branch_days.insert(record.branch_retention_days().begin(),
                             record.branch_retention_days().end());
    co_return rules;
}

Task<void> set_rules(catalog::Catalog& catalog, refs::Repository repository, Rules rules) {
    records::Rules record;
    record.set_default_retention_days(rules.default_days);
    record.mutable_branch_retention_days()->insert(rules.branch_days.begin(),
                                                   rules.branch_days.end());
    std::string bytes = record.SerializeAsString();
    // An empty file stands for no rules; field 1 spelled out says the same as nothing.
    if (bytes.empty()) bytes = std::string("\x08\x00", 2);
    co_await write(catalog, repository, std::move(bytes));
}

Task<void> remove_rules(catalog::Catalog& catalog, refs::Repository repository) {
    co_await write(catalog, repository, std::string());
}

}  // namespace tarn::gc
