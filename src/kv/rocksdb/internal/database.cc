#include "kv/rocksdb/internal/database.h"

#include <fmt/format.h>
#include <rocksdb/db.h>
#include <rocksdb/env.h>
#include <rocksdb/file_system.h>
#include <rocksdb/utilities/checkpoint.h>
#include <rocksdb/write_batch.h>
#include <sys/statvfs.h>

#include <atomic>

#include "kv/rocksdb/internal/format_marker.h"
#include "kv/rocksdb/internal/rows.h"
#include "kv/rocksdb/internal/settings.h"
#include "kv/rocksdb/internal/status.h"

namespace tarn::kv::rocks {
namespace {

// How many hidden (removed, overwritten) rows a scan in place may pass before it hops to a worker.
constexpr std::uint64_t hidden_rows_in_place_max = 256;
// A batch buffer above this is given back, so that one great batch does not stay in memory.
constexpr std::size_t batch_bytes_kept = 1024 * 1024;

rocksdb::Slice slice(std::string_view bytes) {
    return {bytes.data(), bytes.size()};
}
std::string_view view(const rocksdb::Slice& bytes) {
    return {bytes.data(), bytes.size()};
}

rocksdb::ReadOptions read_options(Reach reach) {
    rocksdb::ReadOptions options;
    if (reach == Reach::memory) {
        options.read_tier = rocksdb::kBlockCacheTier;
        options.max_skippable_internal_keys = hidden_rows_in_place_max;
    }
    return options;
}

}  // namespace

struct Database::Parts {
    std::shared_ptr<rocksdb::FileSystem> files;
    std::unique_ptr<rocksdb::Env> env;  // only with a file system of a test
    std::unique_ptr<rocksdb::DB> db;
    rocksdb::WriteOptions writing;
    rocksdb::WriteBatch batch;  // reused by `write`
    std::atomic<bool> refuses_writes{false};
    std::filesystem::path folder;
    std::uint64_t free_bytes_min = 0;

    // RocksDB must not find the disk full itself: it goes on from there by a restart only.
    void require_space() const {
        struct statvfs facts = {};
        if (::statvfs(folder.c_str(), &facts) < 0) return;  // the write will tell
        if (static_cast<std::uint64_t>(facts.f_bavail) * facts.f_frsize >= free_bytes_min) return;
        throw Error(Code::exhausted, "the disk of the embedded store is full", "storage_full");
    }
};

Database::Database(const RocksdbOptions& options, const RocksdbSeams& seams)
    : parts_(std::make_unique<Parts>()) {
    parts_->files = rocksdb::FileSystem::Default();
    if (seams.file_system) {
        parts_->files = seams.file_system;
        parts_->env = rocksdb::NewCompositeEnv(seams.file_system);
    }
    claim_folder(*parts_->files, options.folder);
    parts_->writing.sync = options.sync;
    parts_->folder = options.folder;
    parts_->free_bytes_min = options.free_bytes_min;
    rocksdb::DB* opened = nullptr;
    require(rocksdb::DB::Open(settings(options, parts_->env.get()), options.folder, &opened),
            fmt::format("open '{}'", options.folder.string()));
    parts_->db.reset(opened);
}

Database::~Database() = default;

Found Database::find(std::string_view row, Reach reach, std::string& value) {
    rocksdb::PinnableSlice pinned;
    const auto status = parts_->db->Get(read_options(reach), parts_->db->DefaultColumnFamily(),
                                        slice(row), &pinned);
    if (status.ok()) {
        value.assign(pinned.data(), pinned.size());
        return Found::value;
    }
    if (status.IsNotFound()) return Found::nothing;
    if (status.IsIncomplete()) return Found::beyond;
    throw to_error(status, "read a row");
}

void Database::write(std::span<const Change> changes) {
    if (parts_->refuses_writes) {
        throw Error(Code::unavailable,
                    "embedded store: an earlier write failed; writes are refused until a restart");
    }
    parts_->require_space();
    rocksdb::WriteBatch& batch = parts_->batch;
    batch.Clear();
    for (const Change& change : changes) {
        if (change.value) {
            require(batch.Put(slice(change.row), slice(*change.value)), "gather a write");
        } else {
            require(batch.Delete(slice(change.row)), "gather a removal");
        }
    }
    const auto status = parts_->db->Write(parts_->writing, &batch);
    if (batch.GetDataSize() > batch_bytes_kept) batch = rocksdb::WriteBatch();
    if (status.ok()) return;
    parts_->refuses_writes = true;
    throw to_error(status, "write a batch");
}

std::optional<std::vector<Pair>> Database::scan(std::string_view partition, std::string_view from,
                                                int limit, Reach reach) {
    const std::string begin = row_name(partition, from);
    const std::size_t prefix_size = begin.size() - from.size();
    const std::string end = partition_end(partition);
    const rocksdb::Slice bound = slice(end);
    auto options = read_options(reach);
    options.iterate_upper_bound = &bound;
    const std::unique_ptr<rocksdb::Iterator> rows(parts_->db->NewIterator(options));

    std::vector<Pair> page;
    for (rows->Seek(slice(begin)); rows->Valid(); rows->Next()) {
        page.push_back(
            {std::string(view(rows->key()).substr(prefix_size)), std::string(view(rows->value()))});
        if (page.size() == static_cast<std::size_t>(limit)) return page;
    }
    if (rows->status().IsIncomplete()) return std::nullopt;
    require(rows->status(), "scan a partition");
    return page;
}

std::vector<std::string> Database::rows(std::string_view partition, std::string_view after,
                                        int limit) {
    const std::string begin = partition_begin(partition);
    const std::string end = partition_end(partition);
    const rocksdb::Slice bound = slice(end);
    auto options = read_options(Reach::disk);
    options.iterate_upper_bound = &bound;
    options.fill_cache = false;
    const std::unique_ptr<rocksdb::Iterator> found(parts_->db->NewIterator(options));

    std::vector<std::string> names;
    for (found->Seek(slice(after.empty() ? begin : after)); found->Valid(); found->Next()) {
        if (view(found->key()) == after) continue;
        names.emplace_back(view(found->key()));
        if (names.size() == static_cast<std::size_t>(limit)) return names;
    }
    require(found->status(), "list the rows of a partition");
    return names;
}

std::vector<std::string> Database::partitions(std::string_view after, int limit) {
    const auto options = read_options(Reach::disk);
    const std::unique_ptr<rocksdb::Iterator> rows(parts_->db->NewIterator(options));

    std::vector<std::string> names;
    if (after.empty()) {
        rows->SeekToFirst();
    } else {
        rows->Seek(partition_end(after));
    }
    while (rows->Valid() && names.size() < static_cast<std::size_t>(limit)) {
        names.push_back(partition_of(view(rows->key())));
        rows->Seek(partition_end(names.back()));
    }
    require(rows->status(), "list the partitions");
    return names;
}

void Database::backup(const std::filesystem::path& folder) {
    if (!parts_->files->FileExists(folder, rocksdb::IOOptions(), nullptr).IsNotFound()) {
        throw Error(Code::already_exists,
                    fmt::format("'{}' exists; a backup needs a new folder", folder.string()));
    }
    rocksdb::Checkpoint* made = nullptr;
    require(rocksdb::Checkpoint::Create(parts_->db.get(), &made), "prepare a backup");
    const std::unique_ptr<rocksdb::Checkpoint> checkpoint(made);
    require(checkpoint->CreateCheckpoint(folder), "write a backup");
    write_marker(*parts_->files, folder);
    sync_folder(*parts_->files, std::filesystem::absolute(folder).parent_path());
}

}  // namespace tarn::kv::rocks
