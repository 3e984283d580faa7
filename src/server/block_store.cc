#include "server/block_store.h"

#include <fmt/format.h>

#include <cstdlib>
#include <filesystem>

#include "base/error.h"
#include "block/local/local_store.h"
#include "block/memory/memory_store.h"
#include "block/s3/s3_store.h"

namespace tarn::server {

namespace {

std::optional<std::string> environment(const std::string& name) {
    const char* const value = std::getenv(name.c_str());
    if (value == nullptr) return std::nullopt;
    return value;
}

std::chrono::seconds seconds(const Settings& settings, std::string_view key) {
    return std::chrono::duration_cast<std::chrono::seconds>(settings.duration(key));
}

// "http://host:port", or nothing.
std::string endpoint(const Settings& settings, std::string_view key) {
    std::string text = settings.text(key);
    if (text.empty() || text.starts_with("http://") || text.starts_with("https://")) return text;
    if (!text.contains("://")) return "https://" + text;
    throw Error(Code::invalid_argument,
                fmt::format("{} is '{}' and must begin with http:// or https://", key, text));
}

block::S3CredentialsOptions credentials(const Settings& settings) {
    block::S3CredentialsOptions options;
    options.access_key_id = settings.text("blockstore.s3.credentials.access_key_id");
    options.secret_access_key =
        Secret(settings.text("blockstore.s3.credentials.secret_access_key"));
    options.session_token = Secret(settings.text("blockstore.s3.credentials.session_token"));
    if (options.access_key_id.empty() != options.secret_access_key.empty()) {
        throw Error(Code::invalid_argument,
                    "blockstore.s3.credentials needs both access_key_id and secret_access_key");
    }
    options.credentials_file = settings.text("blockstore.s3.credentials_file");
    options.profile = settings.text("blockstore.s3.profile");
    options.web_identity_duration =
        seconds(settings, "blockstore.s3.web_identity.session_duration");
    options.expiry_window = seconds(settings, "blockstore.s3.web_identity.session_expiry_window");
    options.environment = environment;
    return options;
}

}  // namespace

block::S3Options s3_store_options(const Settings& settings) {
    block::S3Options options;
    options.region = settings.text("blockstore.s3.region");
    options.endpoint = endpoint(settings, "blockstore.s3.endpoint");
    options.force_path_style = settings.boolean("blockstore.s3.force_path_style");
    options.discover_bucket_region = settings.boolean("blockstore.s3.discover_bucket_region");
    options.credentials = credentials(settings);
    options.retry.retries_max = static_cast<int>(settings.number("blockstore.s3.max_retries"));
    options.retry.log = settings.boolean("blockstore.s3.client_log_retries");
    options.connect_timeout = settings.duration("blockstore.s3.connect_timeout");
    options.response_timeout = settings.duration("blockstore.s3.response_timeout");
    options.verify_certificates =
        !settings.boolean("blockstore.s3.skip_verify_certificate_test_only");
    options.presign_lifetime = seconds(settings, "blockstore.s3.pre_signed_expiry");
    options.presign_endpoint = endpoint(settings, "blockstore.s3.pre_signed_endpoint");
    options.presign = !settings.boolean("blockstore.s3.disable_pre_signed");
    options.presign_ui = !settings.boolean("blockstore.s3.disable_pre_signed_ui");
    options.presign_multipart = !settings.boolean("blockstore.s3.disable_pre_signed_multipart");
    options.encryption = settings.text("blockstore.s3.server_side_encryption");
    options.encryption_key_id = settings.text("blockstore.s3.server_side_encryption_kms_key_id");
    options.storage_class = settings.text("blockstore.s3.storage_class");
    options.part_bytes =
        static_cast<std::uint64_t>(settings.number("blockstore.s3.part_size_bytes"));
    options.parts_in_flight_max =
        static_cast<int>(settings.number("blockstore.s3.parts_in_flight"));
    options.upload_memory_bytes =
        static_cast<std::uint64_t>(settings.number("blockstore.s3.upload_memory_bytes"));
    return options;
}

std::unique_ptr<block::Store> open_block_store(const Options& options, Workers& workers,
                                               const Clock& clock) {
    switch (options.block_type) {
        case BlockType::local:
            std::filesystem::create_directories(options.blocks.root);
            return std::make_unique<block::LocalStore>(options.blocks, workers);
        case BlockType::s3:
            return std::make_unique<block::S3Store>(options.s3_blocks, workers, clock);
        case BlockType::mem:
            return std::make_unique<block::MemoryStore>(clock);
    }
    check_failed("type", "every kind of store has a driver", __FILE__, __LINE__);
}

}  // namespace tarn::server
