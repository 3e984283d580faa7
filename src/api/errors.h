#pragma once

#include <string>
#include <string_view>

#include "api/call.h"
#include "base/error.h"
#include "http/response.h"

namespace tarn::api {

// A status and the text that clients of lakeFS know for it.
struct Failure {
    int status = 500;
    std::string message;
};

// The one mapping of Tarn's errors to statuses and texts, by code and detail.
Failure failure_of(const Error& error, const FailureTexts& texts = {});

// {"message": "..."}
http::Response refuse(int status, std::string_view message);
http::Response refuse(const Error& error, const FailureTexts& texts = {});

// The errors that handlers find themselves.
Error not_found(std::string message);  // 404 with exactly this text
Error invalid(std::string message);    // 400 with exactly this text
Error exactly(int status, std::string message);

}  // namespace tarn::api
