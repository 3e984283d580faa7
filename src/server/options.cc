#include "server/options.h"

#include <fmt/format.h>

#include <charconv>
#include <thread>

#include "base/bytes.h"
#include "base/error.h"
#include "server/block_store.h"
#include "server/data_folder.h"

namespace tarn::server {

namespace {

[[noreturn]] void refuse(const Settings& settings, std::string_view key, std::string_view rule) {
    throw Error(Code::invalid_argument,
                fmt::format("{} is '{}' and {}", key, settings.text(key), rule));
}

// "~/x" below the home folder; an empty text is `standard`.
std::filesystem::path path_of(const Settings& settings, std::string_view key,
                              const std::filesystem::path& standard) {
    const std::string text = settings.text(key);
    if (text.empty()) return standard;
    if (text == "~" || text.starts_with("~/")) {
        const char* home = std::getenv("HOME");
        if (home == nullptr) refuse(settings, key, "needs $HOME");
        return std::filesystem::path(home) / text.substr(std::min<std::size_t>(2, text.size()));
    }
    return std::filesystem::absolute(text);
}

double proportion(const Settings& settings, std::string_view key) {
    const std::string text = settings.text(key);
    double share = 0;
    const auto parsed = std::from_chars(text.data(), text.data() + text.size(), share);
    if (parsed.ec != std::errc() || share < 0 || share > 1)
        refuse(settings, key, "must be from 0 to 1");
    return share;
}

log::Level level_of(const Settings& settings, std::string_view key) {
    const std::string level = to_lower(settings.text(key));
    if (level == "trace") return log::Level::trace;
    if (level == "debug") return log::Level::debug;
    if (level == "info") return log::Level::info;
    if (level == "warning" || level == "warn") return log::Level::warning;
    const bool highest =
        level == "error" || level == "fatal" || level == "panic" || level == "none";
    if (!highest) refuse(settings, key, "must be trace, debug, info, warning, error or none");
    return log::Level::error;
}

log::Options log_options(const Settings& settings) {
    log::Options options;
    options.level = level_of(settings, "logging.level");
    const std::string format = settings.text("logging.format");
    if (format != "text" && format != "json")
        refuse(settings, "logging.format", "must be text or json");
    options.json = format == "json";
    // lakeFS names standard output "-" and standard error "=".
    const std::string output = settings.text("logging.output");
    options.output = output == "-" ? "=" : output == "=" ? "-" : output;
    return options;
}

http::ServerOptions http_options(const Settings& settings) {
    http::ServerOptions options;
    options.listen_address = settings.text("listen_address");
    options.threads = static_cast<int>(settings.number("server.threads"));
    options.header_bytes_max = static_cast<std::size_t>(settings.number("server.header_bytes_max"));
    options.target_bytes_max = static_cast<std::size_t>(settings.number("server.target_bytes_max"));
    options.header_timeout = settings.duration("server.header_timeout");
    options.body_timeout = settings.duration("server.body_timeout");
    options.write_timeout = settings.duration("server.write_timeout");
    options.idle_timeout = settings.duration("server.idle_timeout");
    options.drain_timeout = settings.duration("server.drain_timeout");
    options.requests_per_core_max = static_cast<int>(settings.number("limits.requests_per_core"));
    options.access_log_level = level_of(settings, "logging.audit_log_level");
    if (settings.boolean("tls.enabled")) {
        options.tls_certificate_file = settings.text("tls.cert_file");
        options.tls_key_file = settings.text("tls.key_file");
        if (options.tls_certificate_file.empty())
            refuse(settings, "tls.cert_file", "is needed for tls.enabled");
        if (options.tls_key_file.empty())
            refuse(settings, "tls.key_file", "is needed for tls.enabled");
    }
    return options;
}

committed::TreesOptions trees_options(const Settings& settings,
                                      const std::filesystem::path& data_folder) {
    committed::TreesOptions options;
    options.block_storage_prefix = settings.text("committed.block_storage_prefix");
    options.min_range_size_bytes =
        static_cast<std::uint64_t>(settings.number("committed.permanent.min_range_size_bytes"));
    options.max_range_size_bytes =
        static_cast<std::uint64_t>(settings.number("committed.permanent.max_range_size_bytes"));
    options.range_raggedness_entries =
        static_cast<std::uint64_t>(settings.number("committed.permanent.range_raggedness_entries"));
    options.uploaders_per_writer =
        static_cast<int>(settings.number("committed.local_cache.max_uploaders_per_writer"));
    options.memory_cache_bytes =
        static_cast<std::uint64_t>(settings.number("committed.sstable.memory.cache_size_bytes"));
    const auto bytes = static_cast<double>(settings.number("committed.local_cache.size_bytes"));
    options.disk_cache_bytes = static_cast<std::uint64_t>(
        bytes * proportion(settings, "committed.local_cache.range_proportion"));
    options.disk_cache_metarange_bytes = static_cast<std::uint64_t>(
        bytes * proportion(settings, "committed.local_cache.metarange_proportion"));
    options.disk_cache_folder =
        path_of(settings, "committed.local_cache.dir", data_folder / "cache").string();
    return options;
}

kv::RocksdbOptions kv_options(const Settings& settings, const std::filesystem::path& data_folder) {
    kv::RocksdbOptions options;
    options.folder = path_of(settings, "database.local.path", data_folder / "kv");
    options.memory_bytes = static_cast<std::size_t>(settings.number("database.local.memory_bytes"));
    options.sync = settings.boolean("database.local.sync_writes");
    options.free_bytes_min =
        static_cast<std::uint64_t>(settings.number("database.local.free_bytes_min"));
    options.queue_operations_max =
        static_cast<std::size_t>(settings.number("database.local.queue_operations_max"));
    options.queue_bytes_max =
        static_cast<std::size_t>(settings.number("database.local.queue_bytes_max"));
    options.request_timeout = settings.duration("database.local.request_timeout");
    return options;
}

kv::PostgresOptions postgres_options(const Settings& settings) {
    kv::PostgresOptions options;
    options.connection_string = Secret(settings.text("database.postgres.connection_string"));
    options.connections_max =
        static_cast<int>(settings.number("database.postgres.max_open_connections"));
    options.connections_idle_max =
        static_cast<int>(settings.number("database.postgres.max_idle_connections"));
    options.connection_lifetime = settings.duration("database.postgres.connection_max_lifetime");
    options.connect_timeout = settings.duration("database.postgres.connect_timeout");
    options.request_timeout = settings.duration("database.postgres.request_timeout");
    options.scan_timeout = settings.duration("database.postgres.scan_timeout");
    options.away_grace = settings.duration("database.postgres.away_grace");
    options.queue_operations_max =
        static_cast<std::size_t>(settings.number("database.postgres.queue_operations_max"));
    options.queue_bytes_max =
        static_cast<std::size_t>(settings.number("database.postgres.queue_bytes_max"));
    options.lanes = static_cast<int>(settings.number("database.postgres.lanes"));
    return options;
}

KvType kv_type(const Settings& settings) {
    const std::string type = settings.text("database.type");
    for (const KvType known : {KvType::local, KvType::postgres, KvType::mem}) {
        if (type == name(known)) return known;
    }
    refuse(settings, "database.type", "must be local, postgres or mem");
}

BlockType block_type(const Settings& settings) {
    const std::string type = settings.text("blockstore.type");
    if (type == "local") return BlockType::local;
    if (type == "s3") return BlockType::s3;
    if (type == "mem") return BlockType::mem;
    refuse(settings, "blockstore.type", "must be local, s3 or mem");
}

}  // namespace

std::string_view name(KvType type) {
    switch (type) {
        case KvType::local:
            return "local";
        case KvType::postgres:
            return "postgres";
        case KvType::mem:
            return "mem";
    }
    check_failed("type", "every kind of store has a name", __FILE__, __LINE__);
}

Options read_options(const Settings& settings) {
    Options options;
    options.data_folder = path_of(settings, "data_folder", {});
    if (options.data_folder.empty()) options.data_folder = standard_data_folder();
    options.kv_type = kv_type(settings);
    options.block_type = block_type(settings);
    options.s3_blocks = s3_store_options(settings);
    const int cores = static_cast<int>(std::max(1U, std::thread::hardware_concurrency()));
    const int workers = static_cast<int>(settings.number("server.workers"));
    options.workers = workers != 0 ? workers : 2 * cores;
    options.body_buffer_bytes =
        static_cast<std::size_t>(settings.number("limits.body_buffer_bytes"));
    options.drain_delay = settings.duration("server.drain_delay");
    options.log = log_options(settings);
    options.http = http_options(settings);
    options.kv = kv_options(settings, options.data_folder);
    options.postgres = postgres_options(settings);
    options.blocks.root =
        path_of(settings, "blockstore.local.path", options.data_folder / "block").string();
    options.blocks.free_bytes_min =
        static_cast<std::uint64_t>(settings.number("blockstore.local.free_bytes_min"));
    options.blocks.allowed_external_prefixes =
        settings.list("blockstore.local.allowed_external_prefixes");
    options.blocks.import_enabled = settings.boolean("blockstore.local.import_enabled");
    options.trees = trees_options(settings, options.data_folder);
    // Access control that is configured and not enforced would be an open door.
    if (settings.text("auth.ui_config.rbac") != "none")
        refuse(settings, "auth.ui_config.rbac", "must be none");
    options.fixed_installation_id = settings.text("installation.fixed_id");
    options.auth.secret_key = Secret(settings.text("auth.encrypt.secret_key"));
    // A secret of its own for each server would keep one from reading what another wrote.
    if (options.kv_type == KvType::postgres && options.auth.secret_key.empty()) {
        refuse(settings, "auth.encrypt.secret_key",
               "is needed with database.type postgres: all its servers share it");
    }
    options.auth.login_duration =
        std::chrono::duration_cast<std::chrono::seconds>(settings.duration("auth.login_duration"));
    options.catalog.signing_secret = settings.text("blockstore.signing.secret_key");
    options.api.logout_redirect_url = settings.text("auth.logout_redirect_url");
    options.api.secure_cookies = settings.boolean("tls.enabled");
    options.api.ask_for_email = settings.boolean("email_subscription.enabled");
    options.catalog.background_jobs_max =
        static_cast<int>(settings.number("limits.background_jobs"));
    options.api.heavy_jobs_waiting_max =
        static_cast<int>(settings.number("limits.heavy_jobs_waiting"));
    options.s3.domain_names = settings.list("gateways.s3.domain_name");
    options.s3.region = settings.text("gateways.s3.region");
    std::string prefix = settings.text("blockstore.default_namespace_prefix");
    options.api.default_namespace_prefix = prefix;
    if (!prefix.empty() && !prefix.ends_with('/')) prefix += '/';
    if (!prefix.empty()) options.s3.namespace_template = prefix + "{repository}";
    options.s3.verify_unsupported = settings.boolean("gateways.s3.verify_unsupported");
    options.first_user = settings.text("installation.user_name");
    options.first_access_key_id = settings.text("installation.access_key_id");
    options.first_secret_access_key = Secret(settings.text("installation.secret_access_key"));
    return options;
}

}  // namespace tarn::server
