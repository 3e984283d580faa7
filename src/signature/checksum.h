#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/digest.h"

namespace tarn::signature {

// The checksums that clients send beside a body.
enum class ChecksumKind { crc32, crc32c, crc64nvme, sha1, sha256 };

// "x-amz-checksum-crc32" and so on, in any case.
std::optional<ChecksumKind> checksum_of_header(std::string_view name);
// "CRC32" and so on, in any case (x-amz-sdk-checksum-algorithm).
std::optional<ChecksumKind> checksum_of_algorithm(std::string_view name);
std::string_view header_of(ChecksumKind kind);
// 4, 8, 20 or 32.
std::size_t size_of(ChecksumKind kind);

// A checksum computed piece by piece. `finish` gives raw bytes, numbers with their high byte first.
class Checksum {
public:
    explicit Checksum(ChecksumKind kind);
    void update(std::string_view bytes);
    std::string finish();

private:
    ChecksumKind kind_;
    std::uint32_t crc32_ = 0;
    std::uint64_t crc64_ = 0;
    std::optional<Sha1> sha1_;
    std::optional<Sha256> sha256_;
};

}  // namespace tarn::signature
