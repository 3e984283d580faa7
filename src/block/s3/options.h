#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "base/secret.h"

namespace tarn::block {

// Where the credentials of the object store come from. Empty members leave the choice to the chain
// of s3/credentials.h.
struct S3CredentialsOptions {
    std::string access_key_id;
    Secret secret_access_key;
    Secret session_token;
    std::string credentials_file;                   // shared credentials file
    std::string profile;                            // its section; empty: AWS_PROFILE or "default"
    std::chrono::seconds web_identity_duration{0};  // 900 s..12 h; 0: the token service's own
    std::chrono::seconds expiry_window{5 * 60};     // renewed so long before they expire
    std::string token_service_url;                  // empty: Amazon's of the region
    std::string metadata_url;                       // empty: http://169.254.169.254
    // The process's environment.
    std::function<std::optional<std::string>(const std::string& name)> environment;
};

// How requests that fail are tried again.
struct S3RetryOptions {
    int retries_max = 5;                         // 0..100, of one request
    std::chrono::milliseconds delay_first{100};  // doubled for each further retry
    std::chrono::milliseconds delay_max{10'000};
    std::chrono::milliseconds total_max{60'000};  // no retry begins later
    bool log = false;                             // a line for each
};

struct S3Options {
    std::string region = "us-east-1";
    std::string endpoint;  // "http://host:port"; empty: Amazon's of the region
    bool force_path_style = false;
    bool discover_bucket_region = true;
    S3CredentialsOptions credentials;
    S3RetryOptions retry;
    std::chrono::milliseconds connect_timeout{5'000};
    std::chrono::milliseconds response_timeout{30'000};  // to the first byte, and between bytes
    bool verify_certificates = true;

    std::chrono::seconds presign_lifetime{15 * 60};  // 1 s..7 d
    std::string presign_endpoint;                    // of the URLs given out; empty: `endpoint`
    bool presign = true;
    bool presign_ui = false;
    bool presign_multipart = true;

    std::string encryption;         // x-amz-server-side-encryption; empty: the bucket's own
    std::string encryption_key_id;  // of aws:kms
    std::string storage_class;      // x-amz-storage-class; empty: the bucket's own

    std::uint64_t part_bytes = 8 * 1024 * 1024;     // 5 MiB..1 GiB, larger for huge objects
    int parts_in_flight_max = 4;                    // of one upload
    std::uint64_t upload_memory_bytes = 128 << 20;  // for parts of all uploads
};

}  // namespace tarn::block
