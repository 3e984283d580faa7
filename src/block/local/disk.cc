#include "block/local/disk.h"

#include <sys/statvfs.h>

#include <cerrno>

#include "base/error.h"

namespace tarn::block {
namespace {

constexpr std::size_t durable_folders_max = 4096;
constexpr std::uint64_t taken_bytes_max = 16 * 1024 * 1024;
constexpr int calls_max = 256;

}  // namespace

Disk::Disk(FileSystem& files, std::uint64_t free_bytes_min)
    : files_(files), free_bytes_min_(free_bytes_min), asked_ago_(calls_max) {}

int Disk::create(const std::string& path, bool& direct) {
    int file = create_in_folder(path, direct);
    if (file == -EINVAL && direct) {
        direct = false;
        files_.remove(path);  // Linux may have created what it then refuses to open
        file = create_in_folder(path, direct);
    }
    return require(file, "create", path);
}

int Disk::create_in_folder(const std::string& path, bool direct) {
    const int file = files_.create(path, direct);
    if (file != -ENOENT) return file;
    make_folders(folder_of(path));
    return files_.create(path, direct);
}

void Disk::rename(const std::string& from, const std::string& to) {
    int result = files_.rename(from, to);
    if (result == -ENOENT) {
        make_folders(folder_of(to));
        result = files_.rename(from, to);
    }
    if (result == -EEXIST || result == -ENOTEMPTY) result = -EISDIR;
    require(result, "write", to);
}

void Disk::make_folders(const std::string& path) {
    for (std::size_t slash = path.find('/'); !path.empty(); slash = path.find('/', slash + 1)) {
        const std::string folder = path.substr(0, slash);
        const int result = files_.make_folder(folder);
        if (result < 0 && result != -EEXIST) throw_failure(result, "create the folder", folder);
        if (slash == std::string::npos) return;
    }
}

void Disk::sync_name(const std::string& path) {
    std::string folder = folder_of(path);
    require(files_.sync_folder(folder), "sync the folder", folder);
    const std::string lowest = folder;
    for (; !folder.empty(); folder = folder_of(folder)) {
        {
            const std::scoped_lock lock(mutex_);
            if (durable_folders_.contains(folder)) break;
        }
        const std::string parent = folder_of(folder);
        require(files_.sync_folder(parent), "sync the folder", parent);
    }
    const std::scoped_lock lock(mutex_);
    if (durable_folders_.size() >= durable_folders_max) durable_folders_.clear();
    for (folder = lowest; !folder.empty(); folder = folder_of(folder)) {
        durable_folders_.insert(folder);
    }
}

void Disk::require_space(std::uint64_t bytes) {
    const std::scoped_lock lock(mutex_);
    taken_bytes_ += bytes;
    if (++asked_ago_ > calls_max || taken_bytes_ > taken_bytes_max) {
        struct statvfs facts = {};
        if (::fstatvfs(files_.root(), &facts) < 0) throw_failure(-errno, "examine", "the root");
        free_bytes_ = static_cast<std::uint64_t>(facts.f_bavail) * facts.f_frsize;
        taken_bytes_ = bytes;
        asked_ago_ = 0;
    }
    if (free_bytes_ < taken_bytes_ || free_bytes_ - taken_bytes_ < free_bytes_min_) {
        asked_ago_ = calls_max;  // ask again the next time
        throw Error(Code::exhausted, "the disk of the local store is full", "storage_full");
    }
}

}  // namespace tarn::block
