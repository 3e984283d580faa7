#pragma once

#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/secret.h"
#include "base/signal.h"
#include "base/task.h"
#include "base/workers.h"
#include "block/s3/options.h"
#include "http/client.h"

namespace tarn::block {

// What requests are signed with.
struct S3Credentials {
    std::string access_key;
    Secret secret;
    Secret token;               // of a session; empty: none
    std::optional<Time> until;  // they are worth nothing then
};

// The credentials of the object store, found and renewed.
//
// Shape    The first of these that has any: the configuration's keys; the configuration's file or
//          profile; AWS_ACCESS_KEY_ID and its companions; a web identity
//          (AWS_WEB_IDENTITY_TOKEN_FILE, AWS_ROLE_ARN); the shared credentials file; the
//          container's (AWS_CONTAINER_CREDENTIALS_…); the machine's metadata service.
// Threads  Any. One caller asks a source, the others wait for its answer, or take what is still
//          good.
// Errors   unavailable (detail "no_credentials"): none found, or the source failed.
class S3CredentialChain {
public:
    S3CredentialChain(S3CredentialsOptions options, std::string region, Workers& workers,
                      const Clock& clock);

    Task<S3Credentials> get();
    // The store refuses those of this key as expired.
    void forget(std::string_view access_key);

private:
    using Found = std::optional<S3Credentials>;

    Task<void> renew();
    Task<S3Credentials> find();
    Task<Found> find_in_file(bool required);
    Task<Found> find_web_identity();
    Task<Found> find_of_container();
    Task<Found> find_of_machine();
    Task<std::string> read_file(std::string path);
    Task<std::string> fetch(std::string method, std::string url,
                            std::vector<std::pair<std::string, std::string>> fields);
    Found find_in_environment() const;
    std::optional<std::string> variable(const std::string& name) const;

    const S3CredentialsOptions options_;
    const std::string region_;
    Workers& workers_;
    const Clock& clock_;
    http::Client client_;

    std::mutex mutex_;
    Found known_;
    bool renewing_ = false;
    Time next_try_;  // after a renewal that failed
    std::vector<Signal> waiting_;
};

// The section `profile` of a shared credentials file; nothing when it has no keys. Pure.
std::optional<S3Credentials> parse_credentials_file(std::string_view text,
                                                    std::string_view profile);

// The answer of the metadata services, and of the token service. Errors  unavailable: malformed.
S3Credentials parse_metadata(std::string_view json);
S3Credentials parse_assumed_role(std::string_view xml);

}  // namespace tarn::block
