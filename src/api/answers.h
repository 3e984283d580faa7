#pragma once

#include <string>
#include <string_view>

#include "api/json.h"
#include "http/response.h"

namespace tarn::api {

// A JSON answer of text that is encoded already; a line end is added.
http::Response json_answer(int status, std::string text);

template <class T>
http::Response json_answer(int status, const T& value) {
    std::string text;
    append(text, value);
    return json_answer(status, std::move(text));
}

// An answer without a body: 204 unless told otherwise.
http::Response empty_answer(int status = 204);

}  // namespace tarn::api
