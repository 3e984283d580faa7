#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace tarn::sstable {

// The value of a record: an identity and data, each behind its zigzag length.
// Limits  Each part at most `envelope_part_bytes_max`. Bytes after the data are ignored.
struct Envelope {
    std::string_view identity;
    std::string_view data;
};

constexpr std::size_t envelope_part_bytes_max = 640 * 65'536;

void append_envelope(std::string& out, std::string_view identity, std::string_view data);

// Nothing when a length is negative, too large or longer than the bytes.
std::optional<Envelope> find_envelope(std::string_view value);

// The same. Errors  corrupted.
Envelope parse_envelope(std::string_view value);

}  // namespace tarn::sstable
