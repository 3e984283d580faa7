// How the local store reads: in place while the kernel has what is asked for in memory, else on a
// worker.

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

#include "base/error.h"
#include "block/local/local_store.h"

namespace tarn::block {
namespace {

constexpr std::uint64_t in_memory_bytes_max = BufferPool::small_bytes;
constexpr int reading = O_RDONLY | O_NONBLOCK | O_NOCTTY;

bool is_absent(int result) {
    return result == -ENOENT || result == -ENOTDIR;
}

bool is_regular(int descriptor) {
    struct stat facts = {};
    return ::fstat(descriptor, &facts) == 0 && S_ISREG(facts.st_mode);
}

// Reads on from `filled`, as far as it gets; `flags` as of preadv2.
void read_on(int descriptor, std::uint64_t offset, std::string& bytes, std::size_t& filled,
             int flags) {
    while (filled < bytes.size()) {
        const iovec rest{bytes.data() + filled, bytes.size() - filled};
        const ssize_t got =
            ::preadv2(descriptor, &rest, 1, static_cast<off_t>(offset + filled), flags);
        if (got < 0 && errno == EINTR) continue;
        if (flags != 0 && (got <= 0)) return;
        if (got < 0) throw_failure(-errno, "read", "an object");
        if (got == 0) throw Error(Code::corrupted, "an object is shorter than it was");
        filled += static_cast<std::size_t>(got);
    }
}

}  // namespace

int LocalStore::open_location(const Location& location, int flags, bool cached_only) const {
    if (location.external.empty()) {
        return open_beneath(files_->root(), location.path, flags, cached_only);
    }
    if (cached_only) return -EAGAIN;
    const int folder = ::open(location.external.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (folder < 0) return -errno;
    const File closing(folder);
    return open_beneath(folder, location.path, flags, false);
}

Task<std::optional<LocalStore::OpenFile>> LocalStore::find_file(Location location) {
    int descriptor = open_location(location, reading, true);
    if (descriptor == -EAGAIN) {
        descriptor = co_await workers_.offload(
            [this, &location] { return open_location(location, reading, false); });
    }
    if (is_absent(descriptor)) co_return std::nullopt;
    auto file = std::make_shared<const File>(require(descriptor, "open", location.path));
    if (!is_regular(descriptor)) co_return std::nullopt;
    const Stat stat = stat_of(descriptor, location.path);
    co_return OpenFile{std::move(file), stat};
}

Task<LocalStore::OpenFile> LocalStore::get_file(Address address) {
    std::optional<OpenFile> found = co_await find_file(locator_.locate(address));
    if (!found) {
        throw Error(Code::not_found, "object '" + locator_.show(address) + "' not found",
                    "no_such_object");
    }
    co_return std::move(*found);
}

Task<std::optional<Stat>> LocalStore::stat(Address address) {
    const std::optional<OpenFile> found = co_await find_file(locator_.locate(address));
    if (!found) co_return std::nullopt;
    co_return found->stat;
}

Task<std::optional<Opened>> LocalStore::open(Address address, std::optional<Range> range) {
    std::optional<OpenFile> found = co_await find_file(locator_.locate(address));
    if (!found) co_return std::nullopt;
    const std::uint64_t object_size = found->stat.size_bytes;
    std::uint64_t offset = 0;
    std::uint64_t size = object_size;
    if (range) {
        if (range->first > range->last || range->last >= object_size) {
            throw Error(Code::invalid_argument, "the range lies outside of the object",
                        "invalid_range");
        }
        offset = range->first;
        size = range->last - range->first + 1;
    }
    if (size > in_memory_bytes_max) {
        Opened opened{FileRange{std::move(found->file), offset, size}, found->stat};
        co_return opened;
    }
    std::string bytes(size, '\0');
    std::size_t filled = 0;
    const int descriptor = found->file->descriptor();
    read_on(descriptor, offset, bytes, filled, RWF_NOWAIT);
    if (filled < size) {
        co_await workers_.offload([descriptor, offset, &bytes, &filled] {
            read_on(descriptor, offset, bytes, filled, 0);
        });
    }
    Opened opened{std::move(bytes), found->stat};
    co_return opened;
}

}  // namespace tarn::block
