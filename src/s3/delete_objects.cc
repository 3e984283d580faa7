#include <map>

#include "refs/names.h"
#include "s3/operations.h"
#include "s3/xml.h"

namespace tarn::s3 {
namespace {

constexpr std::size_t body_bytes_max = 2 * 1024 * 1024;

// What became of one key; nothing: it is gone.
using Outcome = std::optional<Failure>;

// The keys of one branch, and their places in the request.
struct Group {
    std::vector<std::string> paths;
    std::vector<std::size_t> places;
};

// Whether the current object has the etag that the client insists on.
Task<Outcome> judge_etag(const Call& call, const ObjectKey& key, std::string etag) {
    if (etag.empty()) co_return std::nullopt;
    const auto entry = co_await call.parts.catalog.find(call.repository, key.ref, key.path);
    if (entry && etag != "*" && entry->etag != etag) co_return Failure{Fault::precondition_failed};
    co_return std::nullopt;
}

Task<Outcome> remove_group(const Call& call, std::string ref, std::vector<std::string> paths) {
    auto obstacle = co_await find_write_obstacle(call, ref);
    const bool is_absent = obstacle && obstacle->fault == Fault::no_such_bucket;
    // Nothing lies on a branch that does not exist; what can be no branch is a mistake.
    if (is_absent && refs::is_branch_name(ref)) co_return std::nullopt;
    if (obstacle) co_return obstacle;
    Outcome outcome;
    try {
        co_await call.parts.catalog.remove_many(call.repository, ref, std::move(paths),
                                                versions::WriteOptions{});
    } catch (const Error& error) {
        outcome = failure_of(error, Access::write);
    }
    co_return outcome;
}

std::string result_of(const DeleteList& list, const std::vector<Outcome>& outcomes) {
    XmlWriter xml("DeleteResult", true);
    for (std::size_t at = 0; at < outcomes.size(); ++at) {
        const auto& outcome = outcomes[at];
        if (!outcome && list.quiet) continue;
        xml.open(outcome ? "Error" : "Deleted").element("Key", list.objects[at].key);
        if (!list.objects[at].version.empty()) {
            xml.element("VersionId", list.objects[at].version);
        }
        if (outcome) {
            xml.element("Code", code_of(outcome->fault));
            xml.element("Message", outcome->message.empty() ? message_of(outcome->fault)
                                                            : std::string_view(outcome->message));
        }
        xml.close(outcome ? "Error" : "Deleted");
    }
    return xml.finish();
}

}  // namespace

Task<http::Response> delete_objects(Call& call) {
    call.access = Access::write;
    if (call.repository.read_only) {
        co_return refuse(call, {Fault::access_denied, "The repository is read only."});
    }
    const std::string body = co_await read_body(call, body_bytes_max);
    const DeleteList list = parse_delete_list(body);
    std::vector<Outcome> outcomes(list.objects.size());
    std::map<std::string, Group> groups;
    for (std::size_t at = 0; at < list.objects.size(); ++at) {
        const auto& object = list.objects[at];
        if (!object.version.empty() && object.version != "null") {
            outcomes[at] = Failure{Fault::no_such_version};
            continue;
        }
        auto key = split_key(object.key);
        // The root of a branch is no object, and nothing lies below an empty ref.
        if (key.ref.empty() || key.path.empty()) continue;
        outcomes[at] = refuse_path(key.path);
        if (outcomes[at]) continue;
        outcomes[at] = co_await judge_etag(call, key, object.etag);
        if (outcomes[at]) continue;
        auto& group = groups[key.ref];
        group.paths.push_back(std::move(key.path));
        group.places.push_back(at);
    }
    for (auto& [ref, group] : groups) {
        const auto outcome = co_await remove_group(call, ref, std::move(group.paths));
        for (const auto place : group.places) outcomes[place] = outcome;
    }
    co_return respond_xml(call, result_of(list, outcomes));
}

}  // namespace tarn::s3
