#include "block/local/sources.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "base/error.h"
#include "block/local/file_system.h"

namespace tarn::block {
FilesSource::FilesSource(Workers& workers, BufferPool& pool, std::vector<Stretch> stretches,
                         Open open)
    : workers_(workers), pool_(pool), stretches_(std::move(stretches)), open_(std::move(open)) {
    for (const Stretch& stretch : stretches_) size_ += stretch.size;
}

Task<Slice> FilesSource::next() {
    while (at_ < stretches_.size() && stretches_[at_].size == 0) {
        ++at_;
        file_ = nullptr;
    }
    if (at_ == stretches_.size()) co_return Slice{};
    const std::size_t wanted =
        size_ <= BufferPool::small_bytes ? BufferPool::small_bytes : BufferPool::large_bytes;
    const std::shared_ptr<std::span<char>> buffer = co_await pool_.take(wanted);
    const std::size_t filled = co_await workers_.offload([this, &buffer] { return fill(*buffer); });
    co_return Slice{buffer, std::string_view(buffer->data(), filled)};
}

std::size_t FilesSource::fill(std::span<char> buffer) {
    std::size_t filled = 0;
    while (filled < buffer.size() && at_ < stretches_.size()) {
        Stretch& stretch = stretches_[at_];
        const std::size_t wanted = std::min<std::uint64_t>(buffer.size() - filled, stretch.size);
        if (wanted == 0) {
            ++at_;
            file_ = nullptr;
            continue;
        }
        if (!file_) file_ = open_(at_);
        const ssize_t got = ::pread(file_->descriptor(), buffer.data() + filled, wanted,
                                    static_cast<off_t>(stretch.offset));
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) throw_failure(-errno, "read", "a file");
        if (got == 0) throw Error(Code::corrupted, "a file is shorter than it was");
        filled += static_cast<std::size_t>(got);
        stretch.offset += static_cast<std::uint64_t>(got);
        stretch.size -= static_cast<std::uint64_t>(got);
    }
    return filled;
}

}  // namespace tarn::block
