#include <fmt/format.h>
#include <array>

#include "refs/names.h"
#include "s3/operations.h"
#include "s3/xml.h"

namespace tarn::s3 {
namespace {

// Settings that a repository does not have, and what Amazon says of a bucket without them.
constexpr std::array<std::pair<std::string_view, Fault>, 10> absent_settings{{
    {"policy", Fault::no_such_bucket_policy},
    {"cors", Fault::no_such_cors_configuration},
    {"lifecycle", Fault::no_such_lifecycle_configuration},
    {"tagging", Fault::no_such_tag_set},
    {"encryption", Fault::encryption_configuration_not_found},
    {"object-lock", Fault::object_lock_configuration_not_found},
    {"publicAccessBlock", Fault::no_such_public_access_block},
    {"website", Fault::no_such_website_configuration},
    {"websiteConfiguration", Fault::no_such_website_configuration},
    {"replication", Fault::replication_configuration_not_found},
}};

std::string document(std::string_view setting, const std::string& region) {
    if (setting == "location") {
        XmlWriter xml("LocationConstraint", true);
        return region == "us-east-1" ? xml.finish() : xml.text(region).finish();
    }
    if (setting == "versioning") return XmlWriter("VersioningConfiguration", true).finish();
    if (setting == "logging") return XmlWriter("BucketLoggingStatus", true).finish();
    if (setting == "notification") return XmlWriter("NotificationConfiguration", true).finish();
    if (setting == "accelerate") return XmlWriter("AccelerateConfiguration", true).finish();
    if (setting == "policyStatus") {
        return XmlWriter("PolicyStatus", true).element("IsPublic", "FALSE").finish();
    }
    if (setting == "requestPayment") {
        return XmlWriter("RequestPaymentConfiguration", true)
            .element("Payer", "BucketOwner")
            .finish();
    }
    XmlWriter xml("OwnershipControls", true);
    xml.open("Rule").element("ObjectOwnership", "BucketOwnerEnforced").close("Rule");
    return xml.finish();
}

// The namespace of a new repository, or empty when none is configured.
std::string namespace_for(const Call& call, const std::string& repository) {
    std::string text = call.parts.options.namespace_template;
    const auto& type = call.parts.blocks().properties().type;
    if (text.empty() && (type == "local" || type == "mem")) text = type + "://{repository}";
    constexpr std::string_view place = "{repository}";
    if (const auto at = text.find(place); at != text.npos) {
        text.replace(at, place.size(), repository);
    }
    return text;
}

// Whether the repository holds nothing that anybody would miss.
Task<bool> is_empty(const Call& call) {
    auto& refs = call.parts.refs();
    const auto branches = co_await refs.list_branches(call.repository, "", "", 2, true);
    const auto tags = co_await refs.list_tags(call.repository, "", "", 1);
    if (branches.items.size() != 1 || !tags.items.empty()) co_return false;
    const auto& branch = branches.items.front();
    const auto head = co_await refs.find_commit(call.repository, branch.commit_id);
    if (!head || !head->parents.empty() || !head->tree_id.empty()) co_return false;
    versions::ListQuery query;
    query.limit = 1;
    const auto objects = co_await call.parts.catalog.list(call.repository, branch.id, query);
    co_return objects.items.empty();
}

}  // namespace

Task<http::Response> head_bucket(Call& call) {
    auto response = respond(call, 200);
    response.fields.add("x-amz-bucket-region", call.parts.options.region);
    response.fields.add("x-amz-access-point-alias", "false");
    response.declared_size = 0;
    co_return response;
}

Task<http::Response> get_bucket_setting(Call& call) {
    for (const auto& item : call.params.all()) {
        for (const auto& [setting, fault] : absent_settings) {
            if (item.name == setting) co_return refuse(call, {fault});
        }
        if (item.name == "acl") co_return co_await get_acl(call);
        for (const std::string_view setting :
             {"location", "versioning", "logging", "notification", "accelerate", "policyStatus",
              "requestPayment", "ownershipControls"}) {
            if (item.name != setting) continue;
            co_return respond_xml(call, document(setting, call.parts.options.region));
        }
    }
    co_return refuse(call, {Fault::not_implemented});
}

Task<http::Response> create_bucket(Call& call) {
    call.access = Access::write;
    const auto& name = call.target.bucket;
    if (!refs::is_repository_name(name)) co_return refuse(call, {Fault::invalid_bucket_name});
    auto& refs = call.parts.refs();
    const auto existing = co_await refs.find_repository(name);
    if (existing) co_return refuse(call, {Fault::bucket_already_owned_by_you});
    refs::Repository repository;
    repository.id = name;
    repository.storage_namespace = namespace_for(call, name);
    repository.default_branch = "main";
    if (repository.storage_namespace.empty()) {
        co_return refuse(
            call, {Fault::access_denied, "No storage namespace is configured for new buckets."});
    }
    const auto used = co_await call.parts.blocks().list(repository.storage_namespace, "", "", 1);
    if (!used.objects.empty()) co_return refuse(call, {Fault::bucket_already_exists});
    co_await refs.create_repository(std::move(repository), false);
    auto response = respond(call, 200);
    response.fields.add("Location", "/" + name);
    co_return response;
}

Task<http::Response> delete_bucket(Call& call) {
    call.access = Access::write;
    if (call.repository.read_only) {
        co_return refuse(call, {Fault::access_denied, "The repository is read only."});
    }
    const bool empty = co_await is_empty(call);
    if (!empty) co_return refuse(call, {Fault::bucket_not_empty});
    co_await call.parts.refs().delete_repository(call.repository.id);
    co_return respond(call, 204);
}

}  // namespace tarn::s3
