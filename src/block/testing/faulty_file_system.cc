#include "block/testing/faulty_file_system.h"

#include <fcntl.h>

namespace tarn::block {

int FaultyFileSystem::write(int file, std::string_view bytes, std::uint64_t offset) {
    const bool direct = (::fcntl(file, F_GETFL) & O_DIRECT) != 0;
    const int fault = fault_(direct ? "write_direct" : "write");
    return fault < 0 ? fault : real_->write(file, bytes, offset);
}

}  // namespace tarn::block
