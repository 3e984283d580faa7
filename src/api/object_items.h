#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "catalog/catalog.h"

namespace tarn::api {

// Which answers show user metadata: none, only where there is some, or always ("{}").
enum class ShowMetadata { never, empty, when_any, always };

// An ObjectStats, appended straight from the entry. `expiry`: of a presigned address, Unix seconds.
void append_object(std::string& out, std::string_view path, const catalog::Entry& entry,
                   std::string_view physical_address, ShowMetadata show,
                   std::optional<std::int64_t> expiry = std::nullopt);

void append_common_prefix(std::string& out, std::string_view path);

// Where the bytes of an entry lie, as clients are shown it. An address that the store does not know
// is shown as it is stored, so that one such entry does not break a list.
std::string shown_address(const catalog::Catalog& catalog, const refs::Repository& repository,
                          const catalog::Entry& entry);

// The same for many entries of one repository: what is common to its data is asked for once.
class ShownAddresses {
public:
    ShownAddresses(const catalog::Catalog& catalog, const refs::Repository& repository);
    std::string operator()(const catalog::Entry& entry) const;

private:
    const catalog::Catalog& catalog_;
    const refs::Repository& repository_;
    std::string base_;  // how addresses of the repository's data begin
};

// What clients are told where none is stored.
std::string_view content_type_of(const catalog::Entry& entry);

}  // namespace tarn::api
