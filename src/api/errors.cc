#include "api/errors.h"

#include <utility>

#include "api/answers.h"
#include "api/json.h"
#include "base/bytes.h"

namespace tarn::api {
namespace {

// What lakeFS says for a failure; the text is empty where ours is used.
struct Known {
    Code code;
    std::string_view detail;
    int status;
    std::string_view text;
};

constexpr Known known[] = {
    {Code::not_found, "no_such_repository", 404, "repository not found"},
    {Code::not_found, "no_such_branch", 404, "branch not found"},
    {Code::not_found, "no_such_tag", 404, "tag not found"},
    {Code::not_found, "no_such_commit", 404, "commit not found"},
    {Code::not_found, "no_such_ref", 404, "not found"},
    {Code::not_found, "no_such_object", 404, "not found"},
    {Code::not_found, "no_such_pull", 404, "pull request not found"},
    {Code::not_found, "no_such_range", 410, "No data"},
    {Code::not_found, "no_gc_rules", 404, "get gc rules: not found"},
    {Code::gone, "no_such_object", 410, "No data"},
    {Code::gone, "", 410, "repository in deletion"},
    {Code::conflict, "too_many_tries", 429, "Too many attempts, try again later"},
    {Code::conflict, "head_moved", 429, "Too many attempts, try again later"},
    {Code::exhausted, "too_many_tries", 429, "Too many attempts, try again later"},
    {Code::exhausted, "heavy_jobs", 429, "Too many attempts, try again later"},
    {Code::exhausted, "storage_full", 507, ""},
    {Code::exhausted, "", 503, "Throughput exceeded. Slow down and retry"},
    {Code::permission_denied, "default_branch", 403, "cannot delete repository default branch"},
    {Code::permission_denied, "read_only_repository", 403, "read-only repository"},
    {Code::permission_denied, "", 403, "forbidden"},
    {Code::precondition_failed, "hook_failed", 412, ""},
    {Code::precondition_failed, "", 412, "Precondition failed"},
    {Code::invalid_argument, "bad_pull_state", 400, "bad pull request status"},
    {Code::invalid_argument, "credential_limit", 400,
     "exceeded number of allowed credentials: invalid request"},
    {Code::invalid_argument, "dirty_branch", 400, "uncommitted changes (dirty branch)"},
    {Code::invalid_argument, "no_merge_base", 400, "no merge base"},
    {Code::invalid_argument, "bad_link", 400, ""},
    {Code::unauthenticated, "", 401, "error authenticating request"},
    {Code::unimplemented, "", 501, "Not Implemented"},
};

int status_of(Code code) {
    switch (code) {
        case Code::not_found:
            return 404;
        case Code::already_exists:
        case Code::conflict:
            return 409;
        case Code::precondition_failed:
            return 412;
        case Code::invalid_argument:
            return 400;
        case Code::unauthenticated:
            return 401;
        case Code::permission_denied:
            return 403;
        case Code::gone:
            return 410;
        case Code::unavailable:
        case Code::exhausted:
            return 503;
        case Code::unimplemented:
            return 501;
        case Code::corrupted:
        case Code::internal:
            return 500;
    }
    return 500;
}

constexpr std::string_view exact = "status_";

}  // namespace

Failure failure_of(const Error& error, const FailureTexts& texts) {
    const std::string_view detail = error.detail();
    if (detail == "protected_branch") return {403, std::string(texts.protected_branch)};
    if (detail == "no_changes") return {400, texts.changes_prefix + "no changes"};
    if (detail == "merge_conflict") return {409, texts.changes_prefix + "conflict found"};
    if (detail.starts_with(exact)) {
        const auto status = parse_decimal(detail.substr(exact.size()));
        return {static_cast<int>(status.value_or(500)), error.message()};
    }
    for (const Known& entry : known) {
        if (entry.code != error.code() || entry.detail != detail) continue;
        return {entry.status, entry.text.empty() ? error.message() : std::string(entry.text)};
    }
    return {status_of(error.code()), error.message()};
}

http::Response refuse(int status, std::string_view message) {
    std::string text = "{\"message\":";
    wire::append(text, message);
    text += '}';
    http::Response response = json_answer(status, std::move(text));
    if (status == 429 || status == 503) response.fields.add("Retry-After", "1");
    return response;
}

http::Response refuse(const Error& error, const FailureTexts& texts) {
    const Failure failure = failure_of(error, texts);
    return refuse(failure.status, failure.message);
}

Error exactly(int status, std::string message) {
    const Code code = status == 404   ? Code::not_found
                      : status == 409 ? Code::conflict
                      : status == 403 ? Code::permission_denied
                      : status >= 500 ? Code::internal
                                      : Code::invalid_argument;
    return Error(code, std::move(message), std::string(exact) + std::to_string(status));
}

Error not_found(std::string message) {
    return exactly(404, std::move(message));
}

Error invalid(std::string message) {
    return exactly(400, std::move(message));
}

}  // namespace tarn::api
