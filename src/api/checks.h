#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "api/call.h"
#include "api/errors.h"
#include "refs/refs.h"
#include "versions/stage.h"

namespace tarn::api {

// What handlers ask before they act. Each throws an Error with exactly the text clients of lakeFS
// know.

// The repository of a path segment: 400 for an impossible name, 404, or 410 while it is being
// deleted.
Task<refs::Repository> repository_of(Call& call, std::string name);

// `argument`: what the text calls it ("branch", "destination", "name").
void require_branch_name(std::string_view name, std::string_view argument = "branch");
void require_tag_name(std::string_view name);
// 1..1024 bytes.
void require_path(std::string_view path, std::string_view argument = "path");
// At most 1024 bytes.
void require_short(const std::optional<std::string>& text, std::string_view argument);
// 403 unless it may be written, or `force` says so.
void require_writable(const refs::Repository& repository, bool force);
// 404 with `text` when the branch does not exist.
Task<refs::BranchRecord> branch_of(Call& call, refs::Repository repository, std::string name,
                                   std::string text = "branch not found");

// What a ref expression stands for; `prefix` goes before what is wrong with it.
Task<refs::Resolved> resolve(Call& call, refs::Repository repository, std::string ref,
                             std::string prefix);
// The same where only a commit will do: `name$` is refused as "reference to staging area".
Task<refs::Resolved> resolve_commit(Call& call, refs::Repository repository, std::string ref,
                                    std::string prefix);

// 1..1000: what "amount" asks for; 100 when it does not.
int page_size(std::int64_t amount);

}  // namespace tarn::api
