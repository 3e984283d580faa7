#include "api/answers.h"

#include <utility>

namespace tarn::api {

http::Response json_answer(int status, std::string text) {
    text += '\n';
    http::Response response;
    response.status = status;
    response.fields.add("Content-Type", "application/json");
    response.fields.add("X-Content-Type-Options", "nosniff");
    response.body = std::move(text);
    return response;
}

http::Response empty_answer(int status) {
    http::Response response;
    response.status = status;
    return response;
}

}  // namespace tarn::api
