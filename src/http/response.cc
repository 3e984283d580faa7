#include "http/response.h"

#include <utility>

namespace tarn::http {

Response make_response(int status, std::string_view content_type, std::string body) {
    Response response;
    response.status = status;
    if (!content_type.empty()) response.fields.add("Content-Type", content_type);
    response.body = std::move(body);
    return response;
}

}  // namespace tarn::http
