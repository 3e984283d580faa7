#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "base/stream.h"
#include "base/task.h"
#include "base/workers.h"
#include "block/store.h"

namespace tarn::committed {

// The bytes of one immutable file, wherever it lies.
// Threads  Any.
// Errors   corrupted: the file is shorter than it was.
class FileBytes {
public:
    virtual ~FileBytes() = default;

    virtual std::uint64_t size() const = 0;
    // Reads if that needs no waiting; false when it would.
    virtual bool try_read(std::uint64_t offset, std::uint64_t size, std::string& out) const = 0;
    virtual Task<std::string> read(std::uint64_t offset, std::uint64_t size) const = 0;
    // How much is best read at once by those who will read on.
    virtual std::uint64_t read_ahead_bytes() const = 0;
};

// A file in memory.
std::unique_ptr<FileBytes> bytes_in_memory(std::string bytes);
// A local file: read in place where its pages are resident, else on a worker.
std::unique_ptr<FileBytes> bytes_of_file(FileRange range, Workers& workers);
// An object that is fetched in stretches.
std::unique_ptr<FileBytes> bytes_of_object(block::Store& store, block::Address address,
                                           std::uint64_t size);

}  // namespace tarn::committed
