#include "committed/internal/file_bytes.h"

#include <sys/uio.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

#include "base/error.h"

namespace tarn::committed {
namespace {

constexpr std::uint64_t local_read_ahead_bytes = 256 * 1024;
constexpr std::uint64_t object_read_ahead_bytes = 4 * 1024 * 1024;

class MemoryBytes final : public FileBytes {
public:
    explicit MemoryBytes(std::string bytes) : bytes_(std::move(bytes)) {}

    std::uint64_t size() const override { return bytes_.size(); }

    bool try_read(std::uint64_t offset, std::uint64_t size, std::string& out) const override {
        out.assign(bytes_, offset, size);
        return true;
    }

    Task<std::string> read(std::uint64_t offset, std::uint64_t size) const override {
        co_return bytes_.substr(offset, size);
    }

    std::uint64_t read_ahead_bytes() const override { return local_read_ahead_bytes; }

private:
    std::string bytes_;
};

class LocalBytes final : public FileBytes {
public:
    LocalBytes(FileRange range, Workers& workers) : range_(std::move(range)), workers_(workers) {}

    std::uint64_t size() const override { return range_.size; }

    bool try_read(std::uint64_t offset, std::uint64_t size, std::string& out) const override {
        bool whole = false;
        out.resize_and_overwrite(size, [&](char* to, std::size_t) {
            const iovec piece{to, size};
            const auto position = static_cast<off_t>(range_.offset + offset);
            const ssize_t got = preadv2(range_.file->descriptor(), &piece, 1, position, RWF_NOWAIT);
            whole = got >= 0 && static_cast<std::uint64_t>(got) == size;
            return whole ? size : 0;
        });
        return whole;
    }

    Task<std::string> read(std::uint64_t offset, std::uint64_t size) const override {
        const FileRange range = range_;
        co_return co_await workers_.offload([range, offset, size] {
            std::string out(size, '\0');
            std::uint64_t done = 0;
            while (done < size) {
                const auto position = static_cast<off_t>(range.offset + offset + done);
                const ssize_t got =
                    pread(range.file->descriptor(), out.data() + done, size - done, position);
                if (got < 0 && errno == EINTR) continue;
                if (got < 0) throw Error(Code::unavailable, "range file cannot be read");
                if (got == 0) throw Error(Code::corrupted, "range file is cut off");
                done += static_cast<std::uint64_t>(got);
            }
            return out;
        });
    }

    std::uint64_t read_ahead_bytes() const override { return local_read_ahead_bytes; }

private:
    FileRange range_;
    Workers& workers_;
};

class ObjectBytes final : public FileBytes {
public:
    ObjectBytes(block::Store& store, block::Address address, std::uint64_t size)
        : store_(store), address_(std::move(address)), size_(size) {}

    std::uint64_t size() const override { return size_; }

    bool try_read(std::uint64_t, std::uint64_t, std::string&) const override { return false; }

    Task<std::string> read(std::uint64_t offset, std::uint64_t size) const override {
        if (size == 0) co_return std::string();
        const block::Range range{offset, offset + size - 1};
        std::optional<block::Opened> opened = co_await store_.open(address_, range);
        if (!opened) {
            throw Error(Code::not_found, "range file '" + address_.key + "' is gone",
                        "no_such_range");
        }
        const std::unique_ptr<ByteSource> source = as_source(std::move(opened->body));
        std::string bytes = co_await read_all(*source, size);
        if (bytes.size() != size) throw Error(Code::corrupted, "range file is cut off");
        co_return bytes;
    }

    std::uint64_t read_ahead_bytes() const override { return object_read_ahead_bytes; }

private:
    block::Store& store_;
    block::Address address_;
    std::uint64_t size_;
};

}  // namespace

std::unique_ptr<FileBytes> bytes_in_memory(std::string bytes) {
    return std::make_unique<MemoryBytes>(std::move(bytes));
}

std::unique_ptr<FileBytes> bytes_of_file(FileRange range, Workers& workers) {
    return std::make_unique<LocalBytes>(std::move(range), workers);
}

std::unique_ptr<FileBytes> bytes_of_object(block::Store& store, block::Address address,
                                           std::uint64_t size) {
    return std::make_unique<ObjectBytes>(store, std::move(address), size);
}

}  // namespace tarn::committed
