#include "block/local/file_writer.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include "base/error.h"

namespace tarn::block {
namespace {

constexpr std::uint64_t dirty_bytes_max = 8 * 1024 * 1024;

bool is_aligned(const char* memory) {
    return reinterpret_cast<std::uintptr_t>(memory) % AlignedBuffers::alignment == 0;
}

std::size_t whole_blocks(std::size_t size) {
    return size - size % AlignedBuffers::alignment;
}

}  // namespace

Stat stat_of(int descriptor, std::string_view path) {
    struct stat facts = {};
    if (::fstat(descriptor, &facts) < 0) throw_failure(-errno, "examine", path);
    const auto since_1970 = std::chrono::seconds(facts.st_mtim.tv_sec) +
                            std::chrono::nanoseconds(facts.st_mtim.tv_nsec);
    return {static_cast<std::uint64_t>(facts.st_size), Time(since_1970)};
}

FileWriter::FileWriter(Disk& disk, AlignedBuffers& buffers, std::string path, bool direct)
    : disk_(disk), buffers_(buffers), path_(std::move(path)), large_(direct), direct_(direct) {}

void FileWriter::open(std::optional<std::uint64_t> size) {
    file_.emplace(disk_.create(path_, direct_));
    created_ = true;
    if (!size) return;
    reserved_ = *size;
    if (!large_ || *size == 0) return;
    const int result = disk_.files().allocate(file_->descriptor(), *size);
    if (result < 0 && result != -EOPNOTSUPP && result != -ENOSYS) require(result, "write", path_);
}

void FileWriter::write(std::string_view bytes) {
    const std::uint64_t end = offset_ + askew_bytes_ + bytes.size();
    if (end > reserved_) disk_.require_space(bytes.size());
    if (direct_ || askew_bytes_ > 0) {
        write_direct(bytes);
    } else {
        put(bytes);
    }
}

void FileWriter::write_direct(std::string_view bytes) {
    if (askew_bytes_ == 0 && is_aligned(bytes.data())) {
        const std::size_t size = whole_blocks(bytes.size());
        put(bytes.substr(0, size));
        bytes.remove_prefix(size);
    }
    if (bytes.empty()) return;
    if (!direct_ && askew_bytes_ == 0) return put(bytes);
    write_askew(bytes);
}

void FileWriter::write_askew(std::string_view bytes) {
    if (!askew_) askew_ = buffers_.take();
    if (!askew_) {
        become_buffered();
        return put(bytes);
    }
    while (!bytes.empty()) {
        const std::size_t size = std::min(bytes.size(), AlignedBuffers::size - askew_bytes_);
        std::memcpy(askew_.get() + askew_bytes_, bytes.data(), size);
        askew_bytes_ += size;
        bytes.remove_prefix(size);
        if (askew_bytes_ == AlignedBuffers::size) {
            put({askew_.get(), askew_bytes_});
            askew_bytes_ = 0;
        }
    }
}

void FileWriter::put(std::string_view bytes) {
    if (bytes.empty()) return;
    int result = disk_.files().write(file_->descriptor(), bytes, offset_);
    if (result == -EINVAL && direct_) {
        become_buffered();
        result = disk_.files().write(file_->descriptor(), bytes, offset_);
    }
    require(result, "write", path_);
    offset_ += bytes.size();
    if (direct_ || !large_) return;
    dirty_bytes_ += bytes.size();
    if (dirty_bytes_ < dirty_bytes_max) return;
    require(disk_.files().sync_file(file_->descriptor()), "sync", path_);
    dirty_bytes_ = 0;
}

void FileWriter::become_buffered() {
    const int flags = ::fcntl(file_->descriptor(), F_GETFL);
    if (flags < 0 || ::fcntl(file_->descriptor(), F_SETFL, flags & ~O_DIRECT) < 0) {
        throw_failure(-errno, "write", path_);
    }
    direct_ = false;
}

void FileWriter::finish(bool sync) {
    const std::string_view rest(askew_.get(), askew_bytes_);
    const std::size_t size = whole_blocks(rest.size());
    put(rest.substr(0, size));
    if (size < rest.size()) {
        if (direct_) become_buffered();
        put(rest.substr(size));
    }
    askew_bytes_ = 0;
    askew_.reset();
    if (reserved_ > 0 && offset_ != reserved_) {
        throw Error(Code::invalid_argument, "the body has another length than promised",
                    "wrong_length");
    }
    stat_ = stat_of(file_->descriptor(), path_);
    if (sync) {
        require(disk_.files().sync_file(file_->descriptor()), "sync", path_);
        disk_.sync_name(path_);
    }
    file_.reset();
}

void FileWriter::discard() {
    askew_.reset();
    file_.reset();
    if (created_) disk_.files().remove(path_);
}

}  // namespace tarn::block
