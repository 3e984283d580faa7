#include "kv/rocksdb/internal/settings.h"

#include <rocksdb/cache.h>
#include <rocksdb/filter_policy.h>
#include <rocksdb/table.h>
#include <rocksdb/utilities/table_properties_collectors.h>
#include <rocksdb/write_buffer_manager.h>

#include <algorithm>

namespace tarn::kv::rocks {
namespace {

constexpr std::size_t kib = 1024;
constexpr std::size_t mib = 1024 * kib;

// Blocks, indexes, filters and memtables share one budget: the block cache is charged for all.
void share_memory(rocksdb::Options& out, std::size_t memory_bytes) {
    const auto cache = rocksdb::NewLRUCache(memory_bytes, 2);
    out.write_buffer_size = std::clamp(memory_bytes / 8, 256 * kib, 64 * mib);
    out.write_buffer_manager =
        std::make_shared<rocksdb::WriteBufferManager>(memory_bytes / 3, cache);
    out.arena_block_size = 64 * kib;
    out.max_write_buffer_number = 3;

    rocksdb::BlockBasedTableOptions table;
    table.block_cache = cache;
    table.block_size = 8 * kib;
    table.cache_index_and_filter_blocks = true;
    table.pin_l0_filter_and_index_blocks_in_cache = true;
    table.filter_policy.reset(rocksdb::NewBloomFilterPolicy(10));
    table.whole_key_filtering = true;
    table.format_version = 5;
    out.table_factory.reset(rocksdb::NewBlockBasedTableFactory(table));
    // Most reads ask a staging token for a key that it does not hold.
    out.memtable_whole_key_filtering = true;
    out.memtable_prefix_bloom_size_ratio = 0.02;
}

// Dropped staging tokens leave markers of removal; a table full of them is compacted early.
void sweep_removals(rocksdb::Options& out) {
    out.table_properties_collector_factories.push_back(
        rocksdb::NewCompactOnDeletionCollectorFactory(1024, 512));
    out.level_compaction_dynamic_level_bytes = true;
    out.target_file_size_base = 8 * mib;
    out.max_bytes_for_level_base = 32 * mib;
    out.compression = rocksdb::kSnappyCompression;
}

}  // namespace

rocksdb::Options settings(const RocksdbOptions& options, rocksdb::Env* env) {
    rocksdb::Options out;
    if (env != nullptr) out.env = env;
    out.create_if_missing = true;
    // A torn tail is what was never answered; a missing or short older log is refused.
    out.wal_recovery_mode = rocksdb::WALRecoveryMode::kPointInTimeRecovery;
    out.track_and_verify_wals_in_manifest = true;
    // A write that failed stays failed: nothing is retried behind our back.
    out.max_bgerror_resume_count = 0;
    out.paranoid_checks = true;

    // One thread writes, so the machinery for many stays off.
    out.allow_concurrent_memtable_write = false;
    out.enable_write_thread_adaptive_yield = false;
    out.max_background_jobs = 2;
    out.max_open_files = 512;

    // Nothing runs by the clock, and nothing tells this machine's name.
    out.stats_dump_period_sec = 0;
    out.stats_persist_period_sec = 0;
    out.db_host_id.clear();
    out.info_log_level = rocksdb::WARN_LEVEL;
    out.max_log_file_size = mib;
    out.keep_log_file_num = 2;
    out.manifest_preallocation_size = 64 * kib;

    share_memory(out, options.memory_bytes);
    sweep_removals(out);
    return out;
}

}  // namespace tarn::kv::rocks
