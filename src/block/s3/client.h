#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/stream.h"
#include "base/task.h"
#include "base/workers.h"
#include "block/s3/credentials.h"
#include "block/s3/messages.h"
#include "block/s3/options.h"
#include "block/s3/place.h"
#include "block/s3/retry.h"
#include "http/client.h"

namespace tarn::block {

// A request to the object store before it is addressed and signed.
struct S3Request {
    std::string method = "GET";
    S3Place place;
    std::string query;                         // encoded
    http::Fields fields;                       // beside those of the signature
    std::shared_ptr<const std::string> bytes;  // a body that can be sent again
    bool signs_bytes = false;                  // the signature covers it: for small documents
    ByteSource* stream = nullptr;              // a body of known size that can be sent once
    bool streams_answer = false;               // the body of a good answer is left to the caller
};

// The answer to it.
struct S3Answer {
    int status = 0;
    http::Fields fields;
    std::string text;                  // the whole body, unless it is streamed
    std::unique_ptr<ByteSource> body;  // a streamed one
    std::optional<S3Fault> fault;      // of every answer that is not good

    std::string field(std::string_view name) const {
        return std::string(fields.find(name).value_or(""));
    }
};

// Sends requests to an S3 store: finds server, region and credentials, signs, tries again.
//
// Threads  Any context; a streamed answer is read on the one that asked.
// Errors   unavailable: no answer, or only failures, until no retry was left. exhausted (detail
//          "slow_down"): the store asked for fewer requests until then.
class S3Client {
public:
    S3Client(S3Options options, Workers& workers, const Clock& clock);

    Task<S3Answer> send(S3Request request);

    // A URL that does this to the place for whoever has it.
    Task<std::string> presign(std::string method, S3Place place, std::string query,
                              std::chrono::seconds lifetime);

private:
    struct Outcome;

    Task<Outcome> attempt(const S3Request& request);
    Task<http::OutgoingRequest> prepare(const S3Request& request, const std::string& region,
                                        std::string& access_key);
    Task<S3Answer> exchange(const S3Request& request, http::OutgoingRequest out,
                            ByteSource* stream);
    // Judges an answer, and learns the bucket's region and the end of credentials from it.
    Verdict judge_answer(const S3Request& request, const S3Answer& answer,
                         const std::string& region, const std::string& access_key);
    std::string region_of(const std::string& bucket);
    void learn_region(const std::string& bucket, std::string region);

    const S3Options options_;
    const Clock& clock_;
    S3CredentialChain credentials_;
    http::Client client_;
    RetryBudget budget_;

    std::mutex mutex_;
    std::map<std::string, std::string> regions_;  // of buckets that lie, or may lie, elsewhere
};

// Throws what an answer's fault means. `what` names the operation and the object.
[[noreturn]] void throw_fault(const S3Answer& answer, const S3Request& request);

}  // namespace tarn::block
