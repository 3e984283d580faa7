#pragma once

#include <string_view>

namespace tarn::api {

// api/openapi.yaml as JSON.
std::string_view openapi_document();

}  // namespace tarn::api
