#pragma once

#include "api/api.h"
#include "http/request.h"
#include "http/response.h"

namespace tarn::api {

// What is answered outside /api/v1.
http::Response page(const http::Request& request, const ApiOptions& options);

}  // namespace tarn::api
