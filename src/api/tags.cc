#include <fmt/format.h>

#include <utility>

#include "api/answers.h"
#include "api/checks.h"
#include "api/house.h"
#include "api/pagination.h"
#include "api/wire/tags.h"
#include "refs/names.h"
#include "versions/branches.h"

namespace tarn::api {
namespace {

wire::Ref to_wire(const refs::Tag& tag) {
    return {tag.id, tag.commit_id};
}

// A tag named with a modifier's mark could never be asked for.
void check_new_name(const std::string& name) {
    if (name.empty()) throw invalid("argument tagID: required value: validation error");
    require_tag_name(name);
    if (name.find('~') != std::string::npos) {
        throw invalid("argument tagID: tag id: invalid value: validation error");
    }
}

Task<Error> name_clash(Call& call, refs::Repository repository, std::string name) {
    const auto branch = co_await call.house.refs().find_branch(std::move(repository), name);
    const std::string_view what = branch ? "branch name" : "commit ID";
    co_return exactly(409, fmt::format("{} {}: conflict found", what, name));
}

}  // namespace

Task<http::Response> list_tags(Call& call, wire::ListTagsParams params) {
    auto repository = co_await repository_of(call, std::move(params.repository));
    const auto page =
        co_await call.house.refs().list_tags(std::move(repository), params.prefix.value_or(""),
                                             params.after.value_or(""), page_size(params.amount));
    wire::RefList list;
    for (const auto& tag : page.items) list.results.push_back(to_wire(tag));
    list.pagination = pagination(list.results, page.more);
    co_return json_answer(200, list);
}

Task<http::Response> create_tag(Call& call, wire::CreateTagParams params, wire::TagCreation body) {
    const auto repository = co_await repository_of(call, std::move(params.repository));
    check_new_name(body.id);
    if (body.ref.empty()) throw invalid("ref: invalid value: validation error");
    require_writable(repository, body.force);
    const auto target = co_await resolve(call, repository, body.ref, "");
    if (target.staging_asked) {
        throw invalid("ref: invalid value: validation error: should point to a commit");
    }
    std::optional<refs::Tag> made;
    bool clash = false;
    try {
        made = co_await versions::create_tag(call.house.stores(), repository, body.id, body.ref,
                                             body.force);
    } catch (const Error& error) {
        clash = error.detail() == "name_clash";
        if (!clash && error.code() != Code::already_exists) throw;
    }
    if (clash) {
        const Error error = co_await name_clash(call, repository, body.id);
        throw error;
    }
    if (!made) throw exactly(409, "tag already exists: not unique");
    co_return json_answer(201, to_wire(*made));
}

Task<http::Response> get_tag(Call& call, wire::GetTagParams params) {
    auto repository = co_await repository_of(call, std::move(params.repository));
    require_tag_name(params.tag);
    const auto tag = co_await call.house.refs().find_tag(std::move(repository), params.tag);
    if (!tag) throw not_found("tag not found");
    co_return json_answer(200, to_wire(*tag));
}

Task<http::Response> delete_tag(Call& call, wire::DeleteTagParams params) {
    auto repository = co_await repository_of(call, std::move(params.repository));
    require_tag_name(params.tag);
    require_writable(repository, params.force);
    co_await versions::delete_tag(call.house.stores(), std::move(repository), std::move(params.tag),
                                  params.force);
    co_return empty_answer();
}

}  // namespace tarn::api
