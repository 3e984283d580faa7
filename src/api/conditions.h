#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "block/store.h"

namespace tarn::api {

// Whether a list of entity tags ("a", W/"b" or *) names `etag` (without quotes), compared weakly.
bool names_etag(std::string_view list, std::string_view etag);
// The same compared strongly, as If-Match asks for: a weak tag names nothing.
bool names_etag_strongly(std::string_view list, std::string_view etag);

// What a Range field asks of an object.
struct RangeVerdict {
    enum class Kind { whole, part, unsatisfiable, malformed };
    Kind kind = Kind::whole;
    block::Range range;
};
// `field` matches Pattern::byte_range. One range only; several are malformed.
RangeVerdict read_range(std::string_view field, std::uint64_t size);

// Whether browsers may show this content type in place.
bool is_shown_inline(std::string_view content_type);

}  // namespace tarn::api
