#pragma once

#include <string_view>

namespace tarn::api {

// The regular expressions of api/openapi.yaml, matched by hand.
enum class Pattern { none, repository_name, storage_namespace, byte_range, date_time };

bool matches(Pattern pattern, std::string_view text);

// Why a text that does not match is refused, in the words clients know.
std::string_view refusal_of(Pattern pattern);

}  // namespace tarn::api
