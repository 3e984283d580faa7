#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace tarn::sstable {

// Snappy, with an encoder whose output is byte for byte that of golang/snappy 0.0.4 and of Google's
// C++ encoder up to 1.1.8. Estimated sizes, and with them metarange and commit ids, depend on these
// bytes; Debian's library (1.1.9) chooses other matches.
// Source  docs/formats/committed.md
void snappy_compress(std::string_view input, std::string& out);  // appends

// Decodes `input` into `out`, replacing it. False when the bytes are malformed or claim more than
// `output_bytes_max`.
bool snappy_decompress(std::string_view input, std::size_t output_bytes_max, std::string& out);

}  // namespace tarn::sstable
