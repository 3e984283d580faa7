#include "api/checks.h"

#include <fmt/format.h>

#include <utility>

#include "api/house.h"
#include "refs/names.h"

namespace tarn::api {
namespace {

constexpr std::size_t path_bytes_max = 1024;
constexpr std::string_view bad_ref = "ref: invalid value: validation error";

bool is_modifier(char letter) {
    return letter == '~' || letter == '^' || letter == '@' || letter == '$';
}

// What is wrong with an expression that the parser refused.
std::string complaint_about(std::string_view ref) {
    if (ref.empty()) return "argument ref: required value: validation error";
    if (!refs::is_ref_expression(ref)) return fmt::format("argument ref: {}", bad_ref);
    for (std::size_t at = 0; at < ref.size(); ++at) {
        if (ref[at] != '~' && ref[at] != '^') continue;
        std::size_t end = at + 1;
        while (end < ref.size() && !is_modifier(ref[end])) ++end;
        const std::string_view count = ref.substr(at + 1, end - at - 1);
        if (count.find_first_not_of("0123456789") != std::string_view::npos) {
            return fmt::format("could not parse modifier {}: {}", ref.substr(at, end - at),
                               bad_ref);
        }
        at = end - 1;
    }
    return std::string(bad_ref);
}

[[noreturn]] void refuse_length(std::string_view argument, std::size_t size) {
    throw invalid(
        fmt::format("argument {}: invalid value: validation error: {} is above maximum length ({})",
                    argument, size, path_bytes_max));
}

}  // namespace

Task<refs::Repository> repository_of(Call& call, std::string name) {
    if (!refs::is_repository_name(name)) {
        throw invalid("argument repository: repository id: invalid value: validation error");
    }
    co_return co_await call.house.refs().get_repository(std::move(name));
}

void require_branch_name(std::string_view name, std::string_view argument) {
    if (refs::is_branch_name(name)) return;
    throw invalid(fmt::format("argument {}: branch id: invalid value: validation error", argument));
}

void require_tag_name(std::string_view name) {
    if (refs::is_tag_name(name)) return;
    throw invalid("argument tagID: tag id: invalid value: validation error");
}

void require_path(std::string_view path, std::string_view argument) {
    if (path.empty()) {
        throw invalid(
            fmt::format("argument {}: missing path: required value: validation error", argument));
    }
    if (path.size() > path_bytes_max) refuse_length(argument, path.size());
}

void require_short(const std::optional<std::string>& text, std::string_view argument) {
    if (text && text->size() > path_bytes_max) refuse_length(argument, text->size());
}

void require_writable(const refs::Repository& repository, bool force) {
    if (repository.read_only && !force) throw exactly(403, "read-only repository");
}

Task<refs::BranchRecord> branch_of(Call& call, refs::Repository repository, std::string name,
                                   std::string text) {
    auto record = co_await call.house.refs().find_branch(std::move(repository), std::move(name));
    if (!record) throw not_found(std::move(text));
    co_return std::move(*record);
}

Task<refs::Resolved> resolve(Call& call, refs::Repository repository, std::string ref,
                             std::string prefix) {
    std::optional<Error> failure;
    try {
        co_return co_await call.house.refs().resolve(std::move(repository), ref);
    } catch (const Error& error) {
        failure = error;
    }
    if (failure->code() == Code::not_found) throw not_found(prefix + "not found");
    if (failure->code() != Code::invalid_argument) throw *failure;
    if (!refs::is_ref_expression(ref)) throw invalid(complaint_about(ref));
    throw invalid(prefix + complaint_about(ref));
}

Task<refs::Resolved> resolve_commit(Call& call, refs::Repository repository, std::string ref,
                                    std::string prefix) {
    refs::Resolved resolved = co_await resolve(call, std::move(repository), ref, prefix);
    if (resolved.staging_asked) {
        throw invalid(fmt::format(
            "{}reference '{}': reference to staging area with $ is not a commit", prefix, ref));
    }
    co_return resolved;
}

int page_size(std::int64_t amount) {
    return amount <= 0 ? 100 : static_cast<int>(amount);
}

}  // namespace tarn::api
