#pragma once

#include <rocksdb/file_system.h>

#include <array>
#include <filesystem>
#include <memory>
#include <mutex>
#include <optional>
#include <random>
#include <string>

#include "kv/testing/power_loss_disk.h"

namespace tarn::kv {

// Where the embedded store asks the disk to make something durable.
enum class SyncSite {
    log_contents,       // the write-ahead log, once a batch
    table_contents,     // a finished table
    manifest_contents,  // the list of tables and logs
    current_contents,   // the file that names the manifest, before it takes that name
    marker_contents,    // our format marker, likewise
    names_of_marker,    // the folder, after the marker took its name
    names_of_current,   // the folder, after a manifest became the current one
    names_of_log,       // the folder, after a new log
    names_of_table,     // the folder, after a new table
    names_of_folder,    // the folder above a new one
};
inline constexpr std::array all_sync_sites{
    SyncSite::log_contents,     SyncSite::table_contents,  SyncSite::manifest_contents,
    SyncSite::current_contents, SyncSite::marker_contents, SyncSite::names_of_marker,
    SyncSite::names_of_current, SyncSite::names_of_log,    SyncSite::names_of_table,
    SyncSite::names_of_folder,
};

// A file system for RocksDB that can lose its power.
//
// Shape     Files are real, so that the store works; a PowerLossDisk follows along. After the cut
// every
//           change is refused, and `lose` leaves on the real disk what would have survived.
// Threads   Any. Lifetime  `lose` only after the store has been closed.
class PowerLossFileSystem final : public rocksdb::FileSystemWrapper {
public:
    PowerLossFileSystem(std::filesystem::path root, unsigned seed);

    const char* Name() const override { return "PowerLossFileSystem"; }

    // The power goes after that many more changes.
    void cut_after(int changes);
    // The power goes soon after one of the first syncs of this kind; swallowed ones answer success
    // and do nothing.
    enum class Syncs { done, swallowed };
    void cut_soon_after(SyncSite site, Syncs syncs);
    // Syncs of this kind fail from now on.
    void fail(SyncSite site);
    // Only for a store that has been closed.
    void lose();

    rocksdb::IOStatus NewWritableFile(const std::string& path, const rocksdb::FileOptions& options,
                                      std::unique_ptr<rocksdb::FSWritableFile>* file,
                                      rocksdb::IODebugContext* debug) override;
    rocksdb::IOStatus ReopenWritableFile(const std::string&, const rocksdb::FileOptions&,
                                         std::unique_ptr<rocksdb::FSWritableFile>*,
                                         rocksdb::IODebugContext*) override;
    rocksdb::IOStatus ReuseWritableFile(const std::string&, const std::string&,
                                        const rocksdb::FileOptions&,
                                        std::unique_ptr<rocksdb::FSWritableFile>*,
                                        rocksdb::IODebugContext*) override;
    rocksdb::IOStatus NewDirectory(const std::string& path, const rocksdb::IOOptions& options,
                                   std::unique_ptr<rocksdb::FSDirectory>* directory,
                                   rocksdb::IODebugContext* debug) override;
    rocksdb::IOStatus DeleteFile(const std::string& path, const rocksdb::IOOptions& options,
                                 rocksdb::IODebugContext* debug) override;
    rocksdb::IOStatus CreateDir(const std::string& path, const rocksdb::IOOptions& options,
                                rocksdb::IODebugContext* debug) override;
    rocksdb::IOStatus CreateDirIfMissing(const std::string& path, const rocksdb::IOOptions& options,
                                         rocksdb::IODebugContext* debug) override;
    rocksdb::IOStatus RenameFile(const std::string& from, const std::string& to,
                                 const rocksdb::IOOptions& options,
                                 rocksdb::IODebugContext* debug) override;
    rocksdb::IOStatus LinkFile(const std::string& from, const std::string& to,
                               const rocksdb::IOOptions& options,
                               rocksdb::IODebugContext* debug) override;

    // What the files and folders of this file system report.
    rocksdb::IOStatus append(PowerLossDisk::File& file, std::string_view bytes);
    rocksdb::IOStatus truncate(PowerLossDisk::File& file, std::size_t size);
    rocksdb::IOStatus sync(PowerLossDisk::File& file, std::optional<SyncSite> site);
    rocksdb::IOStatus sync_names(const std::filesystem::path& folder);

private:
    rocksdb::IOStatus change();  // counts one; refuses when the power is gone
    // What to answer instead of syncing; nothing: do it.
    std::optional<rocksdb::IOStatus> instead_of_sync(std::optional<SyncSite> site);
    std::optional<SyncSite> site_of_names(const std::filesystem::path& folder) const;

    std::mutex mutex_;  // guards all below
    std::mt19937 random_;
    PowerLossDisk disk_;
    bool dead_ = false;
    std::optional<int> changes_left_;
    std::optional<SyncSite> watched_;  // by cut_soon_after
    Syncs watched_syncs_ = Syncs::done;
    int syncs_until_cut_ = 0;
    std::optional<SyncSite> failing_;
};

}  // namespace tarn::kv
