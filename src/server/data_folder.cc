#include "server/data_folder.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <system_error>
#include <utility>

#include "base/bytes.h"
#include "base/error.h"
#include "base/ids.h"

namespace tarn::server {

namespace {

[[noreturn]] void refuse(const std::filesystem::path& path, const char* what) {
    throw Error(Code::invalid_argument,
                fmt::format("{}: {}: {}", path.string(), what, std::strerror(errno)));
}

std::string read_file(int file) {
    std::string content(4096, '\0');
    const auto size = ::pread(file, content.data(), content.size(), 0);
    content.resize(size > 0 ? static_cast<std::size_t>(size) : 0);
    return content;
}

void sync_folder(const std::filesystem::path& path) {
    const int folder = ::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (folder < 0 || ::fsync(folder) != 0) refuse(path, "cannot be synced");
    ::close(folder);
}

// Writes a new file, durable, readable by its owner only. The name appears with its whole content.
void write_private_file(const std::filesystem::path& path, const std::string& content) {
    const std::filesystem::path temporary = path.string() + ".new";
    const int file = ::open(temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (file < 0) refuse(temporary, "cannot be made");
    const bool written =
        ::write(file, content.data(), content.size()) == static_cast<ssize_t>(content.size()) &&
        ::fsync(file) == 0;
    ::close(file);
    if (!written) refuse(temporary, "cannot be written");
    if (::rename(temporary.c_str(), path.c_str()) != 0) refuse(path, "cannot be made");
    sync_folder(path.parent_path());
}

}  // namespace

DataFolder::DataFolder(std::filesystem::path path) : path_(std::move(path)), lock_(-1) {
    std::error_code failed;
    std::filesystem::create_directories(path_, failed);
    if (failed) {
        throw Error(Code::invalid_argument,
                    fmt::format("{}: cannot be made: {}", path_.string(), failed.message()));
    }
    const auto file = path_ / "lock";
    lock_ = ::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
    if (lock_ < 0) refuse(file, "cannot be opened");
    if (::flock(lock_, LOCK_EX | LOCK_NB) != 0) {
        const std::string holder(trim(read_file(lock_).substr(0, 20)));
        ::close(lock_);
        throw Error(Code::already_exists, fmt::format("{} is in use by another server, process {}",
                                                      path_.string(), holder));
    }
    const std::string pid = std::to_string(::getpid());
    if (::ftruncate(lock_, 0) != 0 || ::pwrite(lock_, pid.data(), pid.size(), 0) < 0) {
        refuse(file, "cannot be written");
    }
}

DataFolder::~DataFolder() {
    ::close(lock_);
}

Secret DataFolder::secret() const {
    const auto path = path_ / "secret";
    const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (file >= 0) {
        std::string content = read_file(file);
        ::close(file);
        if (content.size() == 64) return Secret(std::move(content));
        throw Error(Code::corrupted,
                    fmt::format("{}: must hold 64 hexadecimal digits", path.string()));
    }
    if (errno != ENOENT) refuse(path, "cannot be opened");
    std::string made = to_hex(random_bytes(32));
    write_private_file(path, made);
    return Secret(std::move(made));
}

std::filesystem::path standard_data_folder() {
    if (const char* data_home = std::getenv("XDG_DATA_HOME");
        data_home != nullptr && *data_home == '/') {
        return std::filesystem::path(data_home) / "tarn";
    }
    const char* home = std::getenv("HOME");
    if (home == nullptr || *home == '\0') {
        throw Error(Code::invalid_argument,
                    "neither data_folder nor $HOME says where the data should lie");
    }
    return std::filesystem::path(home) / ".local" / "share" / "tarn";
}

}  // namespace tarn::server
