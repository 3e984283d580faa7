#include "block/s3/client.h"

#include <fmt/format.h>

#include <random>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "base/digest.h"
#include "base/error.h"
#include "base/failure_point.h"
#include "base/log.h"
#include "base/signal.h"
#include "block/s3/sources.h"
#include "signature/dates.h"
#include "signature/sign.h"

namespace tarn::block {
namespace {

constexpr std::size_t answer_bytes_max = 16 * 1024 * 1024;
constexpr std::size_t regions_max = 10'000;
constexpr std::string_view empty_sha256 =
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

http::ClientOptions http_options(const S3Options& options) {
    http::ClientOptions http;
    http.connect_timeout = options.connect_timeout;
    http.response_timeout = options.response_timeout;
    http.idle_connections_per_host_max = 256;
    http.idle_timeout = std::chrono::milliseconds(20'000);
    http.verify_certificates = options.verify_certificates;
    return http;
}

std::string name_of(const S3Request& request) {
    return fmt::format("{} s3://{}/{}", request.method, request.place.bucket, request.place.key);
}

double throw_dice() {
    thread_local std::minstd_rand generator(std::random_device{}());
    return std::uniform_real_distribution<double>(0, 1)(generator);
}

std::string payload_word(const S3Request& request) {
    if (request.bytes && request.signs_bytes) return to_hex(as_view(sha256(*request.bytes)));
    const bool has_body = request.bytes || request.stream != nullptr;
    return std::string(has_body ? std::string_view("UNSIGNED-PAYLOAD") : empty_sha256);
}

signature::Message message_of(std::string_view method, std::string_view path,
                              std::string_view query,
                              const std::vector<signature::FieldView>& fields) {
    signature::Message message;
    message.method = method;
    message.path = path;
    message.query = query;
    message.fields = fields;
    return message;
}

}  // namespace

// How one attempt went.
struct S3Client::Outcome {
    Verdict verdict = Verdict::retry;
    std::optional<S3Answer> answer;
    std::string why;                  // of a failure without an answer
    std::exception_ptr unrepeatable;  // a failure after which the body cannot be sent again
};

S3Client::S3Client(S3Options options, Workers& workers, const Clock& clock)
    : options_(std::move(options)),
      clock_(clock),
      credentials_(options_.credentials, options_.region, workers, clock),
      client_(http_options(options_)) {}

std::string S3Client::region_of(const std::string& bucket) {
    const std::lock_guard lock(mutex_);
    const auto found = regions_.find(bucket);
    return found == regions_.end() ? options_.region : found->second;
}

void S3Client::learn_region(const std::string& bucket, std::string region) {
    const std::lock_guard lock(mutex_);
    if (regions_.size() >= regions_max) regions_.clear();
    regions_.insert_or_assign(bucket, std::move(region));
}

Task<http::OutgoingRequest> S3Client::prepare(const S3Request& request, const std::string& region,
                                              std::string& access_key) {
    const S3Credentials credentials = co_await credentials_.get();
    access_key = credentials.access_key;
    const S3Target target =
        target_of(request.place, options_.endpoint, region, options_.force_path_style);
    const Time now = clock_.now();
    http::OutgoingRequest out;
    out.method = request.method;
    out.url = target.url;
    out.target = target.path;
    if (!request.query.empty()) out.target += "?" + request.query;
    out.fields = request.fields;
    out.fields.set("Host", target.host);
    out.fields.set("x-amz-date", signature::format_timestamp(now));
    out.fields.set("x-amz-content-sha256", payload_word(request));
    if (!credentials.token.empty()) {
        out.fields.set("x-amz-security-token", credentials.token.reveal());
    }
    std::vector<signature::FieldView> fields;
    for (const auto& [name, value] : out.fields.all()) fields.emplace_back(name, value);
    const signature::Message message =
        message_of(request.method, target.path, request.query, fields);
    out.fields.set(
        "Authorization",
        signature::sign_header(message, {credentials.access_key, credentials.secret, region}, now));
    co_return out;
}

Task<S3Answer> S3Client::exchange(const S3Request& request, http::OutgoingRequest out,
                                  ByteSource* stream) {
    std::unique_ptr<ByteSource> kept;
    if (request.bytes) {
        kept = std::make_unique<KeptBytes>(request.bytes);
        out.body = kept.get();
    } else if (stream != nullptr) {
        out.body = stream;
        out.fields.set("Expect", "100-continue");
    } else if (request.method == "PUT" || request.method == "POST") {
        out.fields.set("Content-Length", "0");
    }
    http::IncomingResponse response = co_await client_.send(std::move(out));
    S3Answer answer;
    answer.status = response.status;
    answer.fields = std::move(response.fields);
    const bool good = answer.status >= 200 && answer.status < 300;
    if (good && request.streams_answer) {
        answer.body = std::move(response.body);
        co_return answer;
    }
    answer.text = co_await read_all(*response.body, answer_bytes_max);
    answer.fault = parse_fault(answer.text);  // a copy may fail after it has begun to answer
    if (!good && !answer.fault) answer.fault.emplace();
    co_return answer;
}

Verdict S3Client::judge_answer(const S3Request& request, const S3Answer& answer,
                               const std::string& region, const std::string& access_key) {
    if (!answer.fault) return Verdict::done;
    std::string actual = answer.field("x-amz-bucket-region");
    if (actual.empty()) actual = answer.fault->region;
    const bool elsewhere = !actual.empty() && actual != region && !request.place.bucket.empty();
    Verdict verdict = judge(answer.status == 200 ? 500 : answer.status, answer.fault->code);
    if (elsewhere && (verdict == Verdict::done || verdict == Verdict::region) &&
        options_.discover_bucket_region) {
        learn_region(request.place.bucket, std::move(actual));
        return Verdict::region;
    }
    if (verdict == Verdict::region) return Verdict::done;
    if (verdict == Verdict::expired) credentials_.forget(access_key);
    return verdict;
}

Task<S3Client::Outcome> S3Client::attempt(const S3Request& request) {
    Outcome outcome;
    const std::string region = region_of(request.place.bucket);
    std::string access_key;
    http::OutgoingRequest out = co_await prepare(request, region, access_key);
    OnceSource once(request.stream);
    try {
        outcome.answer =
            co_await exchange(request, std::move(out), request.stream == nullptr ? nullptr : &once);
    } catch (const Error& error) {
        if (error.code() != Code::unavailable) throw;
        outcome.why = error.message();
        if (once.begun()) outcome.unrepeatable = std::current_exception();
        co_return outcome;
    }
    outcome.verdict = judge_answer(request, *outcome.answer, region, access_key);
    if (once.begun() && outcome.verdict != Verdict::done) {
        outcome.unrepeatable = std::make_exception_ptr(
            Error(outcome.verdict == Verdict::slow_down ? Code::exhausted : Code::unavailable,
                  fmt::format("'{}' failed: {} {}", name_of(request), outcome.answer->status,
                              outcome.answer->fault->code),
                  outcome.verdict == Verdict::slow_down ? "slow_down" : ""));
    }
    co_return outcome;
}

Task<S3Answer> S3Client::send(S3Request request) {
    const auto last_start = std::chrono::steady_clock::now() + options_.retry.total_max;
    const bool changes_objects = request.method != "GET" && request.method != "HEAD";
    int retries = 0;
    int changes = 0;  // of region or credentials
    while (true) {
        if (changes_objects) failure_point("s3: request to be sent");
        Outcome outcome = co_await attempt(request);
        if (changes_objects) failure_point("s3: request answered");
        if (outcome.unrepeatable) std::rethrow_exception(outcome.unrepeatable);
        if (outcome.verdict == Verdict::done) {
            budget_.give_back();
            co_return std::move(*outcome.answer);
        }
        if (outcome.verdict == Verdict::region || outcome.verdict == Verdict::expired) {
            if (++changes > 2) co_return std::move(*outcome.answer);
            continue;
        }
        const auto delay = delay_before(retries + 1, throw_dice(), options_.retry);
        const bool late = std::chrono::steady_clock::now() + delay > last_start;
        if (retries >= options_.retry.retries_max || late || !budget_.take()) {
            const bool slow_down = outcome.verdict == Verdict::slow_down;
            if (outcome.answer) {
                outcome.why = fmt::format("it answered {} {}", outcome.answer->status,
                                          outcome.answer->fault->code);
            }
            throw Error(slow_down ? Code::exhausted : Code::unavailable,
                        fmt::format("'{}' failed after {} retries: {}", name_of(request), retries,
                                    outcome.why),
                        slow_down ? "slow_down" : "");
        }
        ++retries;
        if (options_.retry.log) {
            log::info("retry {} of '{}' in {} ms: {}", retries, name_of(request), delay.count(),
                      outcome.answer ? outcome.answer->fault->code : outcome.why);
        }
        co_await sleep_for(delay);
    }
}

Task<std::string> S3Client::presign(std::string method, S3Place place, std::string query,
                                    std::chrono::seconds lifetime) {
    const bool asks = options_.discover_bucket_region && [&] {
        const std::lock_guard lock(mutex_);
        return !regions_.contains(place.bucket);
    }();
    if (asks) {
        S3Request request;
        request.method = "HEAD";
        request.place.bucket = place.bucket;
        const S3Answer answer = co_await send(std::move(request));
        const std::string told = answer.field("x-amz-bucket-region");
        learn_region(place.bucket, told.empty() ? region_of(place.bucket) : told);
    }
    const std::string region = region_of(place.bucket);
    const S3Credentials credentials = co_await credentials_.get();
    const std::string& endpoint =
        options_.presign_endpoint.empty() ? options_.endpoint : options_.presign_endpoint;
    const S3Target target = target_of(place, endpoint, region, options_.force_path_style);
    if (!credentials.token.empty()) {
        query += query.empty() ? "" : "&";
        query += "X-Amz-Security-Token=" + percent_encode(credentials.token.reveal());
    }
    const std::vector<signature::FieldView> fields{{"host", target.host}};
    const std::string signed_query = signature::sign_query(
        message_of(method, target.path, query, fields),
        {credentials.access_key, credentials.secret, region}, clock_.now(), lifetime);
    co_return target.url + target.path + "?" + signed_query;
}

void throw_fault(const S3Answer& answer, const S3Request& request) {
    const S3Fault fault = answer.fault.value_or(S3Fault{});
    const std::string& code = fault.code;
    const std::string what =
        fmt::format("'{}': {} {} {}", name_of(request), answer.status, code, fault.message);
    if (code == "NoSuchUpload") throw Error(Code::not_found, what, "no_such_upload");
    if (code == "NoSuchBucket") throw Error(Code::invalid_argument, what, "no_such_bucket");
    if (code == "NoSuchKey" || answer.status == 404) {
        throw Error(Code::not_found, what, "no_such_object");
    }
    if (code == "InvalidPart") throw Error(Code::invalid_argument, what, "invalid_part");
    if (code == "InvalidPartOrder") throw Error(Code::invalid_argument, what, "invalid_part_order");
    if (code == "EntityTooSmall") throw Error(Code::invalid_argument, what, "entity_too_small");
    if (code == "EntityTooLarge") throw Error(Code::invalid_argument, what, "entity_too_large");
    if (code == "KeyTooLongError") throw Error(Code::invalid_argument, what, "key_too_long");
    if (code == "InvalidStorageClass") {
        throw Error(Code::invalid_argument, what, "invalid_storage_class");
    }
    if (code == "InvalidRange" || answer.status == 416) {
        throw Error(Code::invalid_argument, what, "invalid_range");
    }
    if (code == "QuotaExceeded" || answer.status == 507) {
        throw Error(Code::exhausted, what, "storage_full");
    }
    throw Error(Code::internal, what, "store_refused");
}

}  // namespace tarn::block
