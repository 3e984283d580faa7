#include "s3/call.h"

#include <fmt/format.h>

#include "refs/names.h"
#include "s3/xml.h"

namespace tarn::s3 {
namespace {

std::string error_document(const Call& call, const Failure& failure) {
    XmlWriter xml("Error", false);
    xml.element("Code", code_of(failure.fault));
    xml.element("Message", failure.message.empty() ? message_of(failure.fault)
                                                   : std::string_view(failure.message));
    const bool is_routed = !call.repository.id.empty();
    if (is_routed && call.target.key) {
        const auto& key = *call.target.key;
        xml.element("Key", key.path);
        xml.element("BucketName", call.target.bucket);
        xml.element("Resource", key.ref + "@" + call.target.bucket);
    } else if (is_routed) {
        xml.element("BucketName", call.target.bucket);
        xml.element("Resource", call.target.bucket);
    } else {
        xml.element("Resource", "");
    }
    xml.element("Region", call.parts.options.region);
    for (const auto& [name, value] : failure.details) xml.element(name, value);
    xml.element("RequestId", call.request_id);
    xml.element("HostId", call.request.id());
    return xml.finish();
}

std::optional<Failure> failure_of(WriteVerdict verdict) {
    switch (verdict) {
        case WriteVerdict::proceed:
            return std::nullopt;
        case WriteVerdict::absent:
            return Failure{Fault::no_such_key};
        case WriteVerdict::failed:
            break;
    }
    return Failure{Fault::precondition_failed};
}

Failure refuse_expression(const refs::Resolved& resolved, const std::string& ref) {
    std::string_view kind = "a ref expression";
    if (resolved.kind == refs::Resolved::Kind::tag && resolved.name == ref) kind = "a tag";
    if (resolved.kind == refs::Resolved::Kind::commit && resolved.commit_id.starts_with(ref)) {
        kind = "a commit";
    }
    return {Fault::method_not_allowed,
            fmt::format("'{}' is {} and cannot be written; only branches can.", ref, kind)};
}

}  // namespace

signature::Message Call::message() const {
    return {request.method(), request.path(), request.query(), request.fields(),
            target.virtual_bucket};
}

http::Response respond(const Call& call, int status) {
    http::Response response;
    response.status = status;
    response.head_only = call.is_head();
    response.fields.add("x-amz-request-id", call.request_id);
    return response;
}

http::Response respond_xml(const Call& call, std::string document) {
    auto response = respond(call, 200);
    response.fields.add("Content-Type", "application/xml");
    response.body = std::move(document);
    return response;
}

http::Response refuse(const Call& call, const Failure& failure) {
    auto response = respond(call, status_of(failure.fault));
    if (failure.fault == Fault::slow_down || failure.fault == Fault::service_unavailable) {
        response.fields.add("Retry-After", "1");
    }
    if (call.is_head()) return response;
    response.fields.add("Content-Type", "application/xml");
    response.body = error_document(call, failure);
    return response;
}

signature::BodyRules body_rules(const Call& call) {
    return signature::body_rules(call.message(), call.claim, call.seed);
}

Task<std::string> read_body(Call& call, std::size_t limit) {
    auto rules = body_rules(call);
    signature::VerifiedBody body(call.request.body(), std::move(rules), call.parts.workers);
    co_return co_await read_all(body, limit);
}

Task<std::optional<Failure>> find_write_obstacle(const Call& call, std::string ref) {
    if (call.repository.read_only) {
        co_return Failure{Fault::access_denied, "The repository is read only."};
    }
    if (refs::is_branch_name(ref)) {
        std::optional<Failure> failure;
        try {
            co_await versions::require_writable(call.parts.catalog.stores(), call.repository, ref,
                                                versions::WriteOptions{});
        } catch (const Error& error) {
            failure = failure_of(error, Access::write);
        }
        if (!failure || failure->fault != Fault::no_such_bucket) co_return failure;
    }
    std::optional<Failure> failure;
    try {
        const auto resolved = co_await call.parts.refs().resolve(call.repository, ref);
        failure = refuse_expression(resolved, ref);
    } catch (const Error& error) {
        if (error.code() != Code::not_found && error.code() != Code::invalid_argument) throw;
        failure = Failure{Fault::no_such_bucket};
    }
    co_return failure;
}

namespace {

WriteVerdict judge_entry(const Conditions& conditions,
                         const std::optional<catalog::Entry>& current) {
    if (!current) return judge_write(conditions, std::nullopt);
    return judge_write(conditions, current->etag);
}

}  // namespace

Task<std::optional<Failure>> judge_current(const Call& call, const Conditions& conditions) {
    if (!conditions.if_match && !conditions.if_none_match) co_return std::nullopt;
    const auto& key = call.key();
    const auto current = co_await call.parts.catalog.find(call.repository, key.ref, key.path);
    co_return failure_of(judge_entry(conditions, current));
}

Task<std::optional<Failure>> remove_entry(const Call& call, const Conditions& conditions) {
    const auto& key = call.key();
    auto verdict = WriteVerdict::proceed;
    const catalog::EntryCondition condition =
        [&verdict, &conditions](const std::optional<catalog::Entry>& current) {
            verdict = judge_entry(conditions, current);
            return verdict == WriteVerdict::proceed;
        };
    co_await call.parts.catalog.remove_if(call.repository, key.ref, key.path, condition,
                                          versions::WriteOptions{});
    co_return failure_of(verdict);
}

Task<std::optional<Failure>> put_entry(const Call& call, catalog::Entry entry,
                                       const Conditions& conditions) {
    const auto& key = call.key();
    const auto address = call.parts.catalog.address_of(call.repository, entry);
    auto verdict = WriteVerdict::proceed;
    catalog::EntryCondition condition;
    if (conditions.if_match || conditions.if_none_match) {
        condition = [&verdict, &conditions](const std::optional<catalog::Entry>& current) {
            verdict = judge_entry(conditions, current);
            return verdict == WriteVerdict::proceed;
        };
    }
    const bool is_put = co_await call.parts.catalog.put(
        call.repository, key.ref, key.path, std::move(entry), condition, versions::WriteOptions{});
    if (is_put) co_return std::nullopt;
    co_await call.parts.blocks().remove(address);
    co_return failure_of(verdict);
}

std::optional<Failure> refuse_path(std::string_view path) {
    if (path.size() <= path_bytes_max) return std::nullopt;
    return Failure{Fault::key_too_long,
                   {},
                   {{"Size", std::to_string(path.size())},
                    {"MaxSizeAllowed", std::to_string(path_bytes_max)}}};
}

}  // namespace tarn::s3
