#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace tarn::block {

// Everything that the local store does to change what lies under its root, so that tests can make
// each step fail, or forget what was not synced.
//
// Shape     Paths are relative to the root, without empty, "." and ".." components; none of them
// can
//           lead outside of the root or through a symbolic link. Calls return 0 (or a descriptor),
//           or a negated errno; they do not throw.
// Threads   Any; every call may block.
class FileSystem {
public:
    virtual ~FileSystem() = default;

    // A descriptor of the root folder, for reading.
    virtual int root() const = 0;

    // Creates a file that must not exist yet and opens it for writing. `direct`: with O_DIRECT.
    virtual int create(const std::string& path, bool direct) = 0;
    // Writes all of the bytes.
    virtual int write(int file, std::string_view bytes, std::uint64_t offset) = 0;
    // Makes the file `size` bytes long and reserves the space.
    virtual int allocate(int file, std::uint64_t size) = 0;
    // Lets `to` share the blocks of `from`, where the file system can.
    virtual int clone(int from, int to) = 0;
    virtual int rename(const std::string& from, const std::string& to) = 0;
    virtual int remove(const std::string& path) = 0;
    virtual int make_folder(const std::string& path) = 0;

    // Makes durable: the bytes of one file; the names in one folder; all that was done before.
    virtual int sync_file(int file) = 0;
    virtual int sync_folder(const std::string& path) = 0;
    virtual int sync_all() = 0;
};

// The file system of this machine under `root`.
// Errors  invalid_argument: the folder does not exist or cannot be opened.
std::unique_ptr<FileSystem> open_file_system(const std::string& root);

// Opens a path below `folder` without leaving it and through no symbolic link.
// `cached_only`: fails with EAGAIN rather than wait for the disk.
int open_beneath(int folder, const std::string& path, int flags, bool cached_only);

// Throws what a failed call means to the caller of the store.
// Errors  exhausted (detail "storage_full"): no space. invalid_argument (detail "invalid_address"):
//         a part of the path is an object, or the path is a folder, too long or a symbolic link.
//         already_exists: the name is taken. unavailable: all else.
[[noreturn]] void throw_failure(int negated_errno, std::string_view doing, std::string_view path);

// The same when `result` is negative; else `result`.
inline int require(int result, std::string_view doing, std::string_view path) {
    if (result < 0) throw_failure(result, doing, path);
    return result;
}

// The folder that a path lies in; empty for the root.
inline std::string folder_of(const std::string& path) {
    const std::size_t slash = path.rfind('/');
    return slash == std::string::npos ? std::string() : path.substr(0, slash);
}

}  // namespace tarn::block
