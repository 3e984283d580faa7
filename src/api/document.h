#pragma once

#include <string_view>

namespace tarn::api {

// api/openapi.yaml without our own extensions, as JSON and as YAML.
std::string_view openapi_document();
std::string_view openapi_yaml();

}  // namespace tarn::api
