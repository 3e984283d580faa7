#pragma once

#include <chrono>
#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>

#include "api/api.h"
#include "auth/auth.h"
#include "base/log.h"
#include "block/local/options.h"
#include "block/s3/options.h"
#include "catalog/catalog.h"
#include "committed/trees.h"
#include "http/server.h"
#include "kv/postgres/options.h"
#include "kv/rocksdb/options.h"
#include "s3/gateway.h"
#include "server/settings.h"

namespace tarn::server {

// The kinds of key-value store.
enum class KvType {
    local,     // embedded
    postgres,  // shared by many servers
    mem,       // of tests
};

// The kinds of object store.
enum class BlockType {
    local,  // a folder
    s3,     // buckets
    mem,    // of tests
};

// As lakeFS and the configuration call it.
std::string_view name(KvType type);

// The options of every room, read from the settings in one place.
struct Options {
    std::filesystem::path data_folder;
    KvType kv_type = KvType::local;
    BlockType block_type = BlockType::local;
    int workers = 0;  // threads
    std::size_t body_buffer_bytes = 0;
    std::chrono::milliseconds drain_delay{0};
    log::Options log;
    http::ServerOptions http;
    kv::RocksdbOptions kv;
    kv::PostgresOptions postgres;
    block::LocalOptions blocks;
    block::S3Options s3_blocks;
    committed::TreesOptions trees;
    auth::Options auth;  // its secret key may be empty: then the data folder has one
    catalog::CatalogOptions catalog;
    api::ApiOptions api;
    s3::Options s3;
    std::string fixed_installation_id;  // empty: a random one
    std::string first_user;             // with the two below: set up at the first start
    std::string first_access_key_id;
    Secret first_secret_access_key;
};

// Errors  invalid_argument, naming the key, its value and the rule.
Options read_options(const Settings& settings);

}  // namespace tarn::server
