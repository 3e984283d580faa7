#pragma once

#include <cstdint>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_set>

#include "block/local/file_system.h"

namespace tarn::block {

// What the writers of the local store share: new files in folders that come into being when needed,
// and the space that must stay free.
//
// Threads   Any; every call may block.
// Errors    As throw_failure. exhausted (detail "storage_full"): fewer than `free_bytes_min` bytes
//           would stay free.
class Disk {
public:
    Disk(FileSystem& files, std::uint64_t free_bytes_min);

    FileSystem& files() { return files_; }

    // Creates a file, and its folders. `direct`: with O_DIRECT; where the file system refuses that,
    // it becomes false.
    int create(const std::string& path, bool& direct);
    void rename(const std::string& from, const std::string& to);
    // Makes the name of a file durable, and those of all folders above it.
    void sync_name(const std::string& path);
    void require_space(std::uint64_t bytes);

private:
    int create_in_folder(const std::string& path, bool direct);
    void make_folders(const std::string& path);

    FileSystem& files_;
    const std::uint64_t free_bytes_min_;
    std::mutex mutex_;
    std::unordered_set<std::string> durable_folders_;  // up to a limit; a cache
    std::uint64_t free_bytes_ = 0;                     // as last asked for
    std::uint64_t taken_bytes_ = 0;                    // since then
    int asked_ago_ = 0;                                // calls since then
};

}  // namespace tarn::block
