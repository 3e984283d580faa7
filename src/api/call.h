#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "base/task.h"
#include "http/request.h"
#include "http/response.h"

namespace tarn::api {

struct House;

// The variable segments of a path, in their order, as they stand in the target.
struct Segments {
    static constexpr std::size_t count_max = 6;
    std::array<std::string_view, count_max> values;
    std::size_t count = 0;
};

// Who calls: filled in once the credentials have been checked.
struct Caller {
    std::string username;
    std::string committer;  // what commits record: the e-mail address, else the name
};

// How this operation names failures that all share.
struct FailureTexts {
    std::string_view protected_branch = "cannot write to protected branch";
    std::string changes_prefix;  // before "no changes" and "conflict found"
};

// One request on its way to its handler.
// Lifetime  Of the request.
struct Call {
    http::Request& request;
    House& house;
    Segments segments;
    std::optional<Caller> caller = std::nullopt;
    FailureTexts failures = {};
    bool admitted = false;  // validation is over: the answer carries the request's id
};

}  // namespace tarn::api
