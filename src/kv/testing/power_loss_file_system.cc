#include "kv/testing/power_loss_file_system.h"

#include <utility>

namespace tarn::kv {
namespace {

using rocksdb::FileOptions;
using rocksdb::IODebugContext;
using rocksdb::IOOptions;
using rocksdb::IOStatus;

std::filesystem::path normal(const std::string& path) {
    auto whole = std::filesystem::absolute(path).lexically_normal();
    return whole.has_filename() ? whole : whole.parent_path();
}

// Which sync makes the contents of this file durable; none for those that nothing depends on.
std::optional<SyncSite> site_of_contents(const std::filesystem::path& path) {
    const std::string name = path.filename();
    if (name.ends_with(".log")) return SyncSite::log_contents;
    if (name.ends_with(".sst")) return SyncSite::table_contents;
    if (name.starts_with("MANIFEST-")) return SyncSite::manifest_contents;
    if (name.starts_with("TARN_KV_FORMAT")) return SyncSite::marker_contents;
    if (name.ends_with(".dbtmp") && !name.starts_with("OPTIONS")) {
        return SyncSite::current_contents;
    }
    return std::nullopt;
}

class WatchedFile final : public rocksdb::FSWritableFileOwnerWrapper {
public:
    WatchedFile(std::unique_ptr<rocksdb::FSWritableFile> file, PowerLossFileSystem& files,
                std::shared_ptr<PowerLossDisk::File> watched, std::optional<SyncSite> site)
        : FSWritableFileOwnerWrapper(std::move(file)),
          files_(files),
          watched_(std::move(watched)),
          site_(site) {}

    IOStatus Append(const rocksdb::Slice& bytes, const IOOptions& options,
                    IODebugContext* debug) override {
        const auto status = files_.append(*watched_, {bytes.data(), bytes.size()});
        return status.ok() ? FSWritableFileOwnerWrapper::Append(bytes, options, debug) : status;
    }
    IOStatus Append(const rocksdb::Slice& bytes, const IOOptions& options,
                    const rocksdb::DataVerificationInfo&, IODebugContext* debug) override {
        return Append(bytes, options, debug);
    }
    IOStatus Truncate(uint64_t size, const IOOptions& options, IODebugContext* debug) override {
        const auto status = files_.truncate(*watched_, size);
        return status.ok() ? FSWritableFileOwnerWrapper::Truncate(size, options, debug) : status;
    }
    IOStatus Sync(const IOOptions&, IODebugContext*) override {
        return files_.sync(*watched_, site_);
    }
    IOStatus Fsync(const IOOptions&, IODebugContext*) override {
        return files_.sync(*watched_, site_);
    }
    IOStatus RangeSync(uint64_t, uint64_t, const IOOptions&, IODebugContext*) override {
        return IOStatus::OK();  // promises nothing
    }

private:
    PowerLossFileSystem& files_;
    const std::shared_ptr<PowerLossDisk::File> watched_;
    const std::optional<SyncSite> site_;
};

class WatchedFolder final : public rocksdb::FSDirectory {
public:
    WatchedFolder(PowerLossFileSystem& files, std::filesystem::path path)
        : files_(files), path_(std::move(path)) {}

    IOStatus Fsync(const IOOptions&, IODebugContext*) override { return files_.sync_names(path_); }
    IOStatus Close(const IOOptions&, IODebugContext*) override { return IOStatus::OK(); }

private:
    PowerLossFileSystem& files_;
    const std::filesystem::path path_;
};

}  // namespace

PowerLossFileSystem::PowerLossFileSystem(std::filesystem::path root, unsigned seed)
    : FileSystemWrapper(FileSystem::Default()), random_(seed), disk_(std::move(root)) {}

void PowerLossFileSystem::cut_after(int changes) {
    const std::lock_guard lock(mutex_);
    changes_left_ = changes;
}

void PowerLossFileSystem::cut_soon_after(SyncSite site, Syncs syncs) {
    const std::lock_guard lock(mutex_);
    watched_ = site;
    watched_syncs_ = syncs;
    syncs_until_cut_ = static_cast<int>(random_() % 3);
}

void PowerLossFileSystem::fail(SyncSite site) {
    const std::lock_guard lock(mutex_);
    failing_ = site;
}

void PowerLossFileSystem::lose() {
    const std::lock_guard lock(mutex_);
    dead_ = true;
    disk_.lose(random_);
}

IOStatus PowerLossFileSystem::change() {
    if (changes_left_ && (*changes_left_)-- <= 0) dead_ = true;
    return dead_ ? IOStatus::IOError("the power is gone") : IOStatus::OK();
}

std::optional<IOStatus> PowerLossFileSystem::instead_of_sync(std::optional<SyncSite> site) {
    const IOStatus status = change();
    if (!status.ok()) return status;
    if (!site) return std::nullopt;
    if (site == failing_) return IOStatus::IOError("a sync that fails for a test");
    if (site != watched_) return std::nullopt;
    if (syncs_until_cut_-- == 0) changes_left_ = static_cast<int>(random_() % 24);
    if (watched_syncs_ == Syncs::done) return std::nullopt;
    return IOStatus::OK();
}

IOStatus PowerLossFileSystem::append(PowerLossDisk::File& file, std::string_view bytes) {
    const std::lock_guard lock(mutex_);
    const IOStatus status = change();
    if (status.ok()) file.bytes.append(bytes);
    return status;
}

IOStatus PowerLossFileSystem::truncate(PowerLossDisk::File& file, std::size_t size) {
    const std::lock_guard lock(mutex_);
    const IOStatus status = change();
    if (!status.ok()) return status;
    file.bytes.resize(size);
    file.synced = std::min(file.synced, size);
    return status;
}

IOStatus PowerLossFileSystem::sync(PowerLossDisk::File& file, std::optional<SyncSite> site) {
    const std::lock_guard lock(mutex_);
    const auto instead = instead_of_sync(site);
    if (instead) return *instead;
    file.synced = file.bytes.size();
    return IOStatus::OK();
}

std::optional<SyncSite> PowerLossFileSystem::site_of_names(
    const std::filesystem::path& folder) const {
    if (disk_.has_unsynced_folder(folder)) return SyncSite::names_of_folder;
    if (disk_.has_unsynced_name(folder, "TARN_KV_FORMAT")) return SyncSite::names_of_marker;
    if (disk_.has_unsynced_name(folder, "CURRENT")) return SyncSite::names_of_current;
    if (disk_.has_unsynced_name(folder, ".sst")) return SyncSite::names_of_table;
    if (disk_.has_unsynced_name(folder, ".log")) return SyncSite::names_of_log;
    return std::nullopt;
}

IOStatus PowerLossFileSystem::sync_names(const std::filesystem::path& folder) {
    const std::lock_guard lock(mutex_);
    const auto instead = instead_of_sync(site_of_names(folder));
    if (instead) return *instead;
    disk_.sync_folder(folder);
    return IOStatus::OK();
}

IOStatus PowerLossFileSystem::NewWritableFile(const std::string& path, const FileOptions& options,
                                              std::unique_ptr<rocksdb::FSWritableFile>* file,
                                              IODebugContext* debug) {
    const std::lock_guard lock(mutex_);
    IOStatus status = change();
    if (!status.ok()) return status;
    std::unique_ptr<rocksdb::FSWritableFile> real;
    status = FileSystemWrapper::NewWritableFile(path, options, &real, debug);
    if (!status.ok()) return status;
    const auto whole = normal(path);
    *file = std::make_unique<WatchedFile>(std::move(real), *this, disk_.create(whole),
                                          site_of_contents(whole));
    return status;
}

IOStatus PowerLossFileSystem::ReopenWritableFile(const std::string&, const FileOptions&,
                                                 std::unique_ptr<rocksdb::FSWritableFile>*,
                                                 IODebugContext*) {
    return IOStatus::NotSupported("reopening is not followed");
}

IOStatus PowerLossFileSystem::ReuseWritableFile(const std::string&, const std::string&,
                                                const FileOptions&,
                                                std::unique_ptr<rocksdb::FSWritableFile>*,
                                                IODebugContext*) {
    return IOStatus::NotSupported("reusing is not followed");
}

IOStatus PowerLossFileSystem::NewDirectory(const std::string& path, const IOOptions& options,
                                           std::unique_ptr<rocksdb::FSDirectory>* directory,
                                           IODebugContext* debug) {
    std::unique_ptr<rocksdb::FSDirectory> real;
    const IOStatus status = FileSystemWrapper::NewDirectory(path, options, &real, debug);
    if (status.ok()) *directory = std::make_unique<WatchedFolder>(*this, normal(path));
    return status;
}

IOStatus PowerLossFileSystem::DeleteFile(const std::string& path, const IOOptions& options,
                                         IODebugContext* debug) {
    const std::lock_guard lock(mutex_);
    IOStatus status = change();
    if (status.ok()) status = FileSystemWrapper::DeleteFile(path, options, debug);
    if (status.ok()) disk_.remove(normal(path));
    return status;
}

IOStatus PowerLossFileSystem::CreateDir(const std::string& path, const IOOptions& options,
                                        IODebugContext* debug) {
    const std::lock_guard lock(mutex_);
    IOStatus status = change();
    if (status.ok()) status = FileSystemWrapper::CreateDir(path, options, debug);
    if (status.ok()) disk_.make_folder(normal(path));
    return status;
}

IOStatus PowerLossFileSystem::CreateDirIfMissing(const std::string& path, const IOOptions& options,
                                                 IODebugContext* debug) {
    const std::lock_guard lock(mutex_);
    IOStatus status = change();
    if (status.ok()) status = FileSystemWrapper::CreateDirIfMissing(path, options, debug);
    if (status.ok()) disk_.make_folder(normal(path));
    return status;
}

IOStatus PowerLossFileSystem::RenameFile(const std::string& from, const std::string& to,
                                         const IOOptions& options, IODebugContext* debug) {
    const std::lock_guard lock(mutex_);
    IOStatus status = change();
    if (status.ok()) status = FileSystemWrapper::RenameFile(from, to, options, debug);
    if (status.ok()) disk_.rename(normal(from), normal(to));
    return status;
}

IOStatus PowerLossFileSystem::LinkFile(const std::string& from, const std::string& to,
                                       const IOOptions& options, IODebugContext* debug) {
    const std::lock_guard lock(mutex_);
    IOStatus status = change();
    if (status.ok()) status = FileSystemWrapper::LinkFile(from, to, options, debug);
    if (status.ok()) disk_.link(normal(from), normal(to));
    return status;
}

}  // namespace tarn::kv
