#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "base/task.h"

namespace tarn {

// A piece of a body: bytes, and the buffer that owns them. Copies share the buffer, so a digest and
// a writer may read one piece at the same time.
struct Slice {
    std::shared_ptr<const void> owner;
    std::string_view bytes;

    bool empty() const { return bytes.empty(); }
};

// A body read from its beginning to its end, never held whole.
class ByteSource {
public:
    virtual ~ByteSource() = default;

    // The next piece, at most 1 MiB; an empty one at the end, and again after it.
    // Errors  invalid_argument: the bytes are not what was promised (length, checksum, framing).
    //         unavailable: the sender went away.
    virtual Task<Slice> next() = 0;

    // The number of bytes in all, where known before reading.
    virtual std::optional<std::uint64_t> size() const = 0;
};

// A body that is already in memory. The slices share ownership of `bytes`.
std::unique_ptr<ByteSource> source_of(std::string bytes);

// Reads all of `source`. Errors  invalid_argument (detail "too_large"): more than `limit` bytes.
Task<std::string> read_all(ByteSource& source, std::size_t limit);

// An open file, closed with its last owner.
class File {
public:
    explicit File(int descriptor) : descriptor_(descriptor) {}
    ~File();
    File(const File&) = delete;
    File& operator=(const File&) = delete;
    int descriptor() const { return descriptor_; }

private:
    int descriptor_;
};

// A stretch of an open file, sent without passing through our memory where possible.
struct FileRange {
    std::shared_ptr<const File> file;
    std::uint64_t offset = 0;
    std::uint64_t size = 0;
};

// The body of an answer: bytes in memory, a stretch of a file, or a stream.
using Body = std::variant<std::string, FileRange, std::unique_ptr<ByteSource>>;

// The number of bytes of a body, where known.
std::optional<std::uint64_t> size_of(const Body& body);

// Reads a body of any kind as a stream.
std::unique_ptr<ByteSource> as_source(Body body);

}  // namespace tarn
