#pragma once

#include <string>
#include <string_view>

#include "catalog/entry.h"

namespace tarn::api {

// Which answers show user metadata: none, only where there is some, or always ("{}").
enum class ShowMetadata { never, empty, when_any, always };

// An ObjectStats, appended straight from the entry.
void append_object(std::string& out, std::string_view path, const catalog::Entry& entry,
                   std::string_view physical_address, ShowMetadata show);

void append_common_prefix(std::string& out, std::string_view path);

// What clients are told where none is stored.
std::string_view content_type_of(const catalog::Entry& entry);

}  // namespace tarn::api
