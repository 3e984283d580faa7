#include "base/stream.h"

#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <vector>

#include "base/error.h"

namespace tarn {
namespace {

constexpr std::size_t piece_bytes_max = 1024 * 1024;
constexpr std::size_t file_piece_bytes = 256 * 1024;

class StringSource final : public ByteSource {
public:
    explicit StringSource(std::string bytes)
        : bytes_(std::make_shared<const std::string>(std::move(bytes))) {}

    Task<Slice> next() override {
        const std::string_view piece = std::string_view(*bytes_).substr(at_, piece_bytes_max);
        at_ += piece.size();
        co_return Slice{bytes_, piece};
    }

    std::optional<std::uint64_t> size() const override { return bytes_->size(); }

private:
    std::shared_ptr<const std::string> bytes_;
    std::size_t at_ = 0;
};

class FileSource final : public ByteSource {
public:
    explicit FileSource(FileRange range) : range_(std::move(range)) {}

    Task<Slice> next() override {
        const std::uint64_t left = range_.size - read_;
        if (left == 0) co_return Slice{};
        const auto wanted =
            static_cast<std::size_t>(std::min<std::uint64_t>(left, file_piece_bytes));
        auto buffer = std::shared_ptr<char[]>(new char[wanted]);
        const std::size_t got = read_piece(buffer.get(), wanted);
        read_ += got;
        const std::string_view piece(buffer.get(), got);
        co_return Slice{std::move(buffer), piece};
    }

    std::optional<std::uint64_t> size() const override { return range_.size; }

private:
    std::size_t read_piece(char* into, std::size_t wanted) {
        const auto offset = static_cast<off_t>(range_.offset + read_);
        ssize_t got = -1;
        do {
            got = pread(range_.file->descriptor(), into, wanted, offset);
        } while (got < 0 && errno == EINTR);
        if (got < 0) {
            throw Error(Code::unavailable, fmt::format("read of a file: {}", std::strerror(errno)));
        }
        if (got == 0) throw Error(Code::corrupted, "a file is shorter than its range");
        return static_cast<std::size_t>(got);
    }

    FileRange range_;
    std::uint64_t read_ = 0;
};

}  // namespace

std::unique_ptr<ByteSource> source_of(std::string bytes) {
    return std::make_unique<StringSource>(std::move(bytes));
}

Task<std::string> read_all(ByteSource& source, std::size_t limit) {
    std::string all;
    if (const auto size = source.size()) all.reserve(std::min<std::uint64_t>(*size, limit));
    while (true) {
        const Slice piece = co_await source.next();
        if (piece.empty()) co_return all;
        if (piece.bytes.size() > limit - all.size()) {
            throw Error(Code::invalid_argument, fmt::format("a body has more than {} bytes", limit),
                        "too_large");
        }
        all += piece.bytes;
    }
}

File::~File() {
    if (descriptor_ >= 0) close(descriptor_);
}

std::optional<std::uint64_t> size_of(const Body& body) {
    if (const auto* bytes = std::get_if<std::string>(&body)) return bytes->size();
    if (const auto* range = std::get_if<FileRange>(&body)) return range->size;
    const auto& source = std::get<std::unique_ptr<ByteSource>>(body);
    return source->size();
}

std::unique_ptr<ByteSource> as_source(Body body) {
    if (auto* bytes = std::get_if<std::string>(&body)) return source_of(std::move(*bytes));
    if (auto* range = std::get_if<FileRange>(&body)) {
        return std::make_unique<FileSource>(std::move(*range));
    }
    return std::move(std::get<std::unique_ptr<ByteSource>>(body));
}

}  // namespace tarn
