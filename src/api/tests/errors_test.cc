#include "api/errors.h"

#include <gtest/gtest.h>

namespace tarn::api {
namespace {

struct Case {
    Code code;
    std::string_view detail;
    int status;
    std::string_view message;
};

constexpr Case cases[] = {
    {Code::not_found, "no_such_repository", 404, "repository not found"},
    {Code::not_found, "no_such_branch", 404, "branch not found"},
    {Code::not_found, "no_such_tag", 404, "tag not found"},
    {Code::not_found, "no_such_commit", 404, "commit not found"},
    {Code::not_found, "no_such_ref", 404, "not found"},
    {Code::not_found, "no_such_object", 404, "not found"},
    {Code::gone, "no_such_object", 410, "No data"},
    {Code::gone, "", 410, "repository in deletion"},
    {Code::permission_denied, "default_branch", 403, "cannot delete repository default branch"},
    {Code::permission_denied, "read_only_repository", 403, "read-only repository"},
    {Code::permission_denied, "protected_branch", 403, "cannot write to protected branch"},
    {Code::invalid_argument, "dirty_branch", 400, "uncommitted changes (dirty branch)"},
    {Code::invalid_argument, "no_merge_base", 400, "no merge base"},
    {Code::invalid_argument, "no_changes", 400, "no changes"},
    {Code::conflict, "merge_conflict", 409, "conflict found"},
    {Code::conflict, "too_many_tries", 429, "Too many attempts, try again later"},
    {Code::exhausted, "heavy_jobs", 429, "Too many attempts, try again later"},
    {Code::unauthenticated, "", 401, "error authenticating request"},
    {Code::unimplemented, "", 501, "Not Implemented"},
    {Code::internal, "", 500, "ours"},
    {Code::unavailable, "", 503, "ours"},
};

TEST(Errors, HaveTheStatusAndTextClientsKnow) {
    for (const Case& expected : cases) {
        const Failure failure = failure_of(Error(expected.code, "ours", expected.detail));

        EXPECT_EQ(failure.status, expected.status) << expected.detail;
        EXPECT_EQ(failure.message, expected.message) << expected.detail;
    }
}

TEST(Errors, AreNamedAfterTheirOperation) {
    const FailureTexts texts{.protected_branch = "protected branch",
                             .changes_prefix = "update branch main: "};

    const Failure unchanged = failure_of(Error(Code::invalid_argument, "x", "no_changes"), texts);
    const Failure blocked =
        failure_of(Error(Code::permission_denied, "x", "protected_branch"), texts);

    EXPECT_EQ(unchanged.message, "update branch main: no changes");
    EXPECT_EQ(blocked.message, "protected branch");
}

TEST(Errors, ThatHandlersFindKeepTheirText) {
    EXPECT_EQ(failure_of(exactly(412, "path already exists")).status, 412);
    EXPECT_EQ(failure_of(not_found("ref: not found")).message, "ref: not found");
}

TEST(Errors, ThatMayPassAskTheClientToComeBack) {
    const http::Response response = refuse(Error(Code::exhausted, "full", "heavy_jobs"));

    EXPECT_EQ(response.status, 429);
    EXPECT_TRUE(response.fields.find("Retry-After"));
}

}  // namespace
}  // namespace tarn::api
