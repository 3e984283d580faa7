#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "catalog/catalog.h"

namespace tarn::gc {

// How many days what was deleted is kept: on a branch, and on branches without a rule of their own.
struct Rules {
    std::int32_t default_days = 0;
    std::map<std::string, std::int32_t> branch_days;

    std::int32_t days_of(const std::string& branch) const;
    friend bool operator==(const Rules&, const Rules&) = default;
};

// The rules of a repository are a file in its storage namespace.
// Errors  corrupted. Source  docs/formats/tasks.md
Task<std::optional<Rules>> find_rules(catalog::Catalog& catalog, refs::Repository repository);
Task<void> set_rules(catalog::Catalog& catalog, refs::Repository repository, Rules rules);
Task<void> remove_rules(catalog::Catalog& catalog, refs::Repository repository);

}  // namespace tarn::gc
