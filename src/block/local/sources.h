#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/buffer_pool.h"
#include "base/stream.h"
#include "base/workers.h"

namespace tarn::block {

// Stretches of files, one after another, as one body. Every slice but the last is full and aligned,
// whatever the lengths of the stretches, so that it can be written directly. One file is open at a
// time.
class FilesSource final : public ByteSource {
public:
    struct Stretch {
        std::uint64_t offset = 0;
        std::uint64_t size = 0;
    };
    // Opens the file of a stretch; called on a worker.
    using Open = std::function<std::shared_ptr<const File>(std::size_t stretch)>;

    FilesSource(Workers& workers, BufferPool& pool, std::vector<Stretch> stretches, Open open);

    Task<Slice> next() override;
    std::optional<std::uint64_t> size() const override { return size_; }

private:
    std::size_t fill(std::span<char> buffer);

    Workers& workers_;
    BufferPool& pool_;
    std::vector<Stretch> stretches_;
    const Open open_;
    std::size_t at_ = 0;  // the stretch that is being read; it shrinks from its beginning
    std::shared_ptr<const File> file_ = nullptr;  // of that stretch
    std::uint64_t size_ = 0;
};

}  // namespace tarn::block
