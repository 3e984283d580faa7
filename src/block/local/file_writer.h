#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/stream.h"
#include "block/local/aligned.h"
#include "block/local/disk.h"
#include "block/store.h"

namespace tarn::block {

// Fills one new file, piece by piece.
//
// Shape     `open`, any number of `write`, `finish`; or nothing more after a failure.
// Threads   One at a time; every call blocks.
// Limits    Direct writing goes around the page cache: whole aligned blocks straight from the
// pieces,
//           the rest through one aligned buffer. Where that is refused, the page cache is emptied
//           every few MiB, so that nobody else's sync has to wait for this file.
// Errors    As Disk. A file that was not finished is removed by `discard`.
class FileWriter {
public:
    FileWriter(Disk& disk, AlignedBuffers& buffers, std::string path, bool direct);

    // `size`: how long the file will be, where known; there must be space for it already.
    void open(std::optional<std::uint64_t> size);
    void write(std::string_view bytes);
    // Writes what is left. `sync`: makes bytes and name durable too.
    void finish(bool sync);
    void discard();

    // Of the finished file.
    const Stat& stat() const { return stat_; }
    int descriptor() const { return file_->descriptor(); }

private:
    void write_direct(std::string_view bytes);
    void write_askew(std::string_view bytes);
    void put(std::string_view bytes);
    void become_buffered();

    Disk& disk_;
    AlignedBuffers& buffers_;
    const std::string path_;
    const bool large_;  // whether direct writing was asked for
    bool direct_;
    std::optional<File> file_;
    bool created_ = false;
    AlignedBuffers::Buffer askew_{nullptr, {nullptr}};
    std::size_t askew_bytes_ = 0;    // waiting in askew_
    std::uint64_t offset_ = 0;       // of what comes next
    std::uint64_t reserved_ = 0;     // bytes for which there is space
    std::uint64_t dirty_bytes_ = 0;  // in the page cache
    Stat stat_;
};

// What is known of an open file.
Stat stat_of(int descriptor, std::string_view path);

}  // namespace tarn::block
