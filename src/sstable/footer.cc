#include "sstable/footer.h"

#include "base/error.h"
#include "base/varint.h"

namespace tarn::sstable {
namespace {

constexpr char checksum_crc32c = 1;
constexpr std::uint32_t version = 2;
constexpr std::uint64_t magic = 0x88e241b785f4cff7;
constexpr std::size_t handles_end = 41;

}  // namespace

void append_footer(std::string& out, const Footer& footer) {
    std::string bytes(1, checksum_crc32c);
    append_handle(bytes, footer.metaindex);
    append_handle(bytes, footer.index);
    bytes.resize(handles_end, '\0');
    append_fixed(bytes, version);
    append_fixed(bytes, magic);
    out += bytes;
}

Footer parse_footer(std::string_view bytes, std::uint64_t file_bytes) {
    if (bytes.size() != footer_bytes) throw Error(Code::corrupted, "range file is too short");
    const char* end = bytes.data() + handles_end;
    if (load_fixed<std::uint64_t>(end + sizeof version) != magic) {
        throw Error(Code::corrupted, "range file has a wrong magic number");
    }
    if (load_fixed<std::uint32_t>(end) != version || bytes[0] != checksum_crc32c) {
        throw Error(Code::corrupted, "range file has an unknown version or checksum");
    }
    Footer footer;
    std::string_view handles = bytes.substr(1, handles_end - 1);
    if (!take_handle(handles, footer.metaindex) || !take_handle(handles, footer.index)) {
        throw Error(Code::corrupted, "range file has a malformed footer");
    }
    check_handle(footer.metaindex, file_bytes);
    check_handle(footer.index, file_bytes);
    return footer;
}

void check_handle(BlockHandle handle, std::uint64_t file_bytes) {
    const std::uint64_t room =
        file_bytes > block_trailer_bytes ? file_bytes - block_trailer_bytes : 0;
    if (handle.size > room || handle.offset > room - handle.size || handle.size > block_bytes_max) {
        throw Error(Code::corrupted, "block does not lie within its range file");
    }
}

}  // namespace tarn::sstable
