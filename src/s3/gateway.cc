#include "s3/gateway.h"

#include <algorithm>

#include "base/bytes.h"
#include "base/log.h"
#include "refs/names.h"
#include "s3/operations.h"
#include "s3/route.h"

namespace tarn::s3 {
namespace {

// The first 16 hexadecimal digits of the request's UUID, in upper case.
std::string amazon_id(std::string_view uuid) {
    std::string id;
    for (const char digit : uuid) {
        if (digit == '-') continue;
        id += digit >= 'a' && digit <= 'f' ? static_cast<char>(digit - 'a' + 'A') : digit;
        if (id.size() == 16) break;
    }
    return id;
}

Task<http::Response> run(Operation operation, Call& call) {
    switch (operation) {
        case Operation::list_buckets:
            co_return co_await list_buckets(call);
        case Operation::create_bucket:
            co_return co_await create_bucket(call);
        case Operation::delete_bucket:
            co_return co_await delete_bucket(call);
        case Operation::head_bucket:
            co_return co_await head_bucket(call);
        case Operation::get_bucket_setting:
            co_return co_await get_bucket_setting(call);
        case Operation::list_objects:
            co_return co_await list_objects(call);
        case Operation::list_versions:
            co_return co_await list_versions(call);
        case Operation::list_uploads:
            co_return co_await list_uploads(call);
        case Operation::delete_objects:
            co_return co_await delete_objects(call);
        case Operation::get_object:
            co_return co_await get_object(call);
        case Operation::put_object:
            co_return co_await put_object(call);
        case Operation::copy_object:
            co_return co_await copy_object(call);
        case Operation::delete_object:
            co_return co_await delete_object(call);
        case Operation::get_acl:
            co_return co_await get_acl(call);
        case Operation::put_acl:
        case Operation::put_bucket_acl:
            co_return co_await put_acl(call);
        case Operation::get_tagging:
            co_return co_await get_tagging(call);
        case Operation::put_tagging:
            co_return co_await put_tagging(call);
        case Operation::delete_tagging:
            co_return co_await delete_tagging(call);
        case Operation::get_attributes:
            co_return co_await get_attributes(call);
        case Operation::create_upload:
            co_return co_await create_upload(call);
        case Operation::put_part:
            co_return co_await put_part(call);
        case Operation::copy_part:
            co_return co_await copy_part(call);
        case Operation::list_parts:
            co_return co_await list_parts(call);
        case Operation::complete_upload:
            co_return co_await complete_upload(call);
        case Operation::abort_upload:
            co_return co_await abort_upload(call);
    }
    std::unreachable();
}

}  // namespace

struct Gateway::State {
    Options options;
    Parts parts;
    signature::SigningKeys keys;

    State(Options given, auth::Auth& auth, catalog::Catalog& catalog, Workers& workers,
          const Clock& clock)
        : options(std::move(given)), parts{auth, catalog, workers, clock, options} {}

    // Who signed the request; the reason to refuse it, if there is one.
    Task<std::optional<Failure>> authenticate(Call& call) {
        const auto message = call.message();
        auto claim = signature::parse_claim(message, parts.clock.now(), {});
        if (!claim) co_return failure_of(claim.error());
        call.claim = std::move(*claim);
        call.credential = parts.auth.cached_credential(call.claim.access_key);
        if (!call.credential) {
            call.credential = co_await parts.auth.find_credential(call.claim.access_key);
        }
        if (!call.credential) {
            co_return Failure{
                Fault::invalid_access_key_id, {}, {{"AWSAccessKeyId", call.claim.access_key}}};
        }
        const auto& secret = call.credential->secret_access_key;
        const bool is_v4 = call.claim.mechanism == signature::Mechanism::v4_header ||
                           call.claim.mechanism == signature::Mechanism::v4_query;
        if (is_v4) {
            auto seed = signature::verify_v4(message, call.claim, secret, keys);
            if (!seed) co_return failure_of(seed.error());
            call.seed = std::move(*seed);
        } else if (const auto refusal = signature::verify_v2(message, call.claim, secret)) {
            co_return failure_of(*refusal);
        }
        co_return std::nullopt;
    }

    // The repository that the bucket is; the reason to refuse the request, if there is none.
    Task<std::optional<Failure>> find_repository(Call& call, Operation operation) {
        const auto& bucket = call.target.bucket;
        if (bucket.empty() || operation == Operation::create_bucket) co_return std::nullopt;
        if (refs::is_repository_name(bucket)) {
            auto found = co_await parts.refs().find_repository(bucket);
            if (found) {
                call.repository = std::move(*found);
                co_return std::nullopt;
            }
        }
        co_return Failure{Fault::no_such_bucket};
    }

    Task<http::Response> answer(Call& call) {
        auto target = parse_target(call.request.path(), call.request.host(), options.domain_names);
        call.target.virtual_bucket = match_host(call.request.host(), options.domain_names).bucket;
        auto refusal = co_await authenticate(call);
        if (refusal) co_return refuse(call, *refusal);
        if (!target) co_return refuse(call, {Fault::invalid_uri});
        call.target = std::move(*target);
        if (!call.request.query().empty()) call.params = Params(call.request.query());
        const bool is_copy = call.request.find("x-amz-copy-source").has_value();
        const auto operation = route(call.request.method(), call.target, call.params, is_copy,
                                     options.verify_unsupported);
        refusal =
            co_await find_repository(call, operation ? *operation : Operation::get_bucket_setting);
        if (refusal) co_return refuse(call, *refusal);
        if (!operation) co_return refuse(call, operation.error());
        co_return co_await run(*operation, call);
    }
};

Gateway::Gateway(Options options, auth::Auth& auth, catalog::Catalog& catalog, Workers& workers,
                 const Clock& clock)
    : state_(std::make_unique<State>(std::move(options), auth, catalog, workers, clock)) {}
Gateway::~Gateway() = default;

const Options& Gateway::options() const {
    return state_->options;
}

Task<http::Response> Gateway::handle(http::Request& request) {
    Call call{request, state_->parts, amazon_id(request.id())};
    std::optional<Failure> failure;
    try {
        co_return co_await state_->answer(call);
    } catch (const Error& error) {
        failure = failure_of(error, call.access);
        if (status_of(failure->fault) == 500) {
            log::error("s3 {} {}: {} ({})", request.method(), request.path(), error.message(),
                       name(error.code()));
        }
    }
    co_return refuse(call, *failure);
}

bool is_s3_request(const http::Request& request, const Options& options) {
    const auto match = match_host(request.host(), options.domain_names);
    if (match.is_base || !match.bucket.empty()) return true;
    if (const auto field = request.find("authorization")) {
        if (field->starts_with("AWS4") || field->starts_with("AWS ")) return true;
    }
    for (const std::string_view name : {"x-amz-signature", "x-amz-content-sha256", "x-amz-date"}) {
        if (request.find(name)) return true;
    }
    if (request.query().empty()) return false;
    const Params params(request.query());
    const auto has = [&params](std::string_view name) {
        return !params.find(name).value_or("").empty();
    };
    return has("AWSAccessKeyId") || has("X-Amz-Credential") || has("X-Amz-Algorithm") ||
           has("X-Amz-Signature") || (has("Signature") && has("Expires"));
}

}  // namespace tarn::s3
