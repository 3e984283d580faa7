#include "block/local/file_system.h"

#include <fcntl.h>
#include <linux/fs.h>
#include <linux/openat2.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

#include "base/error.h"
#include "base/failure_point.h"
#include "base/stream.h"

namespace tarn::block {
namespace {

constexpr mode_t file_mode = 0644;
constexpr mode_t folder_mode = 0755;

int open_with(int folder, const char* path, int flags, std::uint64_t mode, std::uint64_t resolve) {
    open_how how{};
    how.flags = static_cast<std::uint64_t>(flags) | O_CLOEXEC;
    how.mode = mode;
    how.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS | resolve;
    const long descriptor = ::syscall(SYS_openat2, folder, path, &how, sizeof(how));
    return descriptor < 0 ? -errno : static_cast<int>(descriptor);
}

int negated(int result) {
    return result < 0 ? -errno : result;
}

int done(std::string_view step, int result) {
    failure_point(step);
    return result;
}

class PosixFileSystem final : public FileSystem {
public:
    explicit PosixFileSystem(int root) : root_(root) {}

    int root() const override { return root_.descriptor(); }

    int create(const std::string& path, bool direct) override {
        const int flags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | (direct ? O_DIRECT : 0);
        return done("local: file created",
                    open_with(root(), path.c_str(), flags, file_mode, RESOLVE_NO_XDEV));
    }

    int write(int file, std::string_view bytes, std::uint64_t offset) override {
        while (!bytes.empty()) {
            const ssize_t written =
                ::pwrite(file, bytes.data(), bytes.size(), static_cast<off_t>(offset));
            if (written < 0 && errno == EINTR) continue;
            if (written < 0) return -errno;
            bytes.remove_prefix(static_cast<std::size_t>(written));
            offset += static_cast<std::uint64_t>(written);
        }
        return done("local: file written", 0);
    }

    int allocate(int file, std::uint64_t size) override {
        return negated(::fallocate(file, 0, 0, static_cast<off_t>(size)));
    }

    int clone(int from, int to) override { return negated(::ioctl(to, FICLONE, from)); }

    int rename(const std::string& from, const std::string& to) override {
        return in_folder(from, [&](int from_folder, const char* from_name) {
            return in_folder(to, [&](int to_folder, const char* to_name) {
                return done("local: file renamed",
                            negated(::renameat(from_folder, from_name, to_folder, to_name)));
            });
        });
    }

    int remove(const std::string& path) override {
        return in_folder(path, [](int folder, const char* name) {
            return done("local: file removed", negated(::unlinkat(folder, name, 0)));
        });
    }

    int make_folder(const std::string& path) override {
        return in_folder(path, [](int folder, const char* name) {
            return done("local: folder made", negated(::mkdirat(folder, name, folder_mode)));
        });
    }

    int sync_file(int file) override {
        return done("local: file synced", negated(::fdatasync(file)));
    }

    int sync_folder(const std::string& path) override {
        const int folder = open_with(root(), path.empty() ? "." : path.c_str(),
                                     O_RDONLY | O_DIRECTORY, 0, RESOLVE_NO_XDEV);
        if (folder < 0) return folder;
        const File closing(folder);
        return done("local: folder synced", negated(::fsync(folder)));
    }

    int sync_all() override { return done("local: all synced", negated(::syncfs(root()))); }

private:
    // Calls `use` with the folder of `path`, opened, and the last component.
    template <class F>
    int in_folder(const std::string& path, F use) {
        const std::size_t slash = path.rfind('/');
        if (slash == std::string::npos) return use(root(), path.c_str());
        const int folder = open_with(root(), path.substr(0, slash).c_str(), O_PATH | O_DIRECTORY, 0,
                                     RESOLVE_NO_XDEV);
        if (folder < 0) return folder;
        const File closing(folder);
        return use(folder, path.c_str() + slash + 1);
    }

    const File root_;
};

}  // namespace

std::unique_ptr<FileSystem> open_file_system(const std::string& root) {
    const int descriptor = ::open(root.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (descriptor < 0) {
        throw Error(Code::invalid_argument, "cannot open the folder '" + root +
                                                "': " + std::generic_category().message(errno));
    }
    return std::make_unique<PosixFileSystem>(descriptor);
}

int open_beneath(int folder, const std::string& path, int flags, bool cached_only) {
    const int descriptor = open_with(folder, path.empty() ? "." : path.c_str(), flags, 0,
                                     cached_only ? RESOLVE_CACHED : 0);
    return cached_only && descriptor == -EINVAL ? -EAGAIN : descriptor;  // before Linux 5.12
}

void throw_failure(int negated_errno, std::string_view doing, std::string_view path) {
    const int error = -negated_errno;
    const std::string message = "cannot " + std::string(doing) + " '" + std::string(path) +
                                "': " + std::generic_category().message(error);
    switch (error) {
        case ENOSPC:
        case EDQUOT:
            throw Error(Code::exhausted, message, "storage_full");
        case ENOTDIR:
        case EISDIR:
        case ELOOP:
        case EXDEV:
        case ENAMETOOLONG:
            throw Error(Code::invalid_argument, message, "invalid_address");
        case EEXIST:
            throw Error(Code::already_exists, message);
        case EMFILE:
        case ENFILE:
            throw Error(Code::exhausted, message, "too_many_files");
        default:
            throw Error(Code::unavailable, message);
    }
}

}  // namespace tarn::block
