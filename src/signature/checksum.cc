#include "signature/checksum.h"

#include <array>
#include <utility>

#include "base/bytes.h"

namespace tarn::signature {
namespace {

constexpr std::string_view header_prefix = "x-amz-checksum-";

struct Known {
    ChecksumKind kind;
    std::string_view header;
    std::size_t size;
};

constexpr std::array<Known, 5> known{{
    {ChecksumKind::crc32, "x-amz-checksum-crc32", 4},
    {ChecksumKind::crc32c, "x-amz-checksum-crc32c", 4},
    {ChecksumKind::crc64nvme, "x-amz-checksum-crc64nvme", 8},
    {ChecksumKind::sha1, "x-amz-checksum-sha1", 20},
    {ChecksumKind::sha256, "x-amz-checksum-sha256", 32},
}};

const Known& facts_of(ChecksumKind kind) {
    return known[static_cast<std::size_t>(kind)];
}

std::string big_endian(std::uint64_t value, int bytes) {
    std::string text;
    for (int shift = (bytes - 1) * 8; shift >= 0; shift -= 8) {
        text += static_cast<char>(value >> shift & 0xff);
    }
    return text;
}

}  // namespace

std::optional<ChecksumKind> checksum_of_header(std::string_view name) {
    for (const auto& entry : known) {
        if (equals_ignoring_case(entry.header, name)) return entry.kind;
    }
    return std::nullopt;
}

std::optional<ChecksumKind> checksum_of_algorithm(std::string_view name) {
    for (const auto& entry : known) {
        if (equals_ignoring_case(entry.header.substr(header_prefix.size()), name)) {
            return entry.kind;
        }
    }
    return std::nullopt;
}

std::string_view header_of(ChecksumKind kind) {
    return facts_of(kind).header;
}
std::size_t size_of(ChecksumKind kind) {
    return facts_of(kind).size;
}

Checksum::Checksum(ChecksumKind kind) : kind_(kind) {
    if (kind == ChecksumKind::sha1) sha1_.emplace();
    if (kind == ChecksumKind::sha256) sha256_.emplace();
}

void Checksum::update(std::string_view bytes) {
    switch (kind_) {
        case ChecksumKind::crc32:
            crc32_ = crc32(crc32_, bytes);
            break;
        case ChecksumKind::crc32c:
            crc32_ = crc32c(crc32_, bytes);
            break;
        case ChecksumKind::crc64nvme:
            crc64_ = crc64_nvme(crc64_, bytes);
            break;
        case ChecksumKind::sha1:
            sha1_->update(bytes);
            break;
        case ChecksumKind::sha256:
            sha256_->update(bytes);
            break;
    }
}

std::string Checksum::finish() {
    switch (kind_) {
        case ChecksumKind::crc32:
        case ChecksumKind::crc32c:
            return big_endian(crc32_, 4);
        case ChecksumKind::crc64nvme:
            return big_endian(crc64_, 8);
        case ChecksumKind::sha1:
            return std::string(as_view(sha1_->finish()));
        case ChecksumKind::sha256:
            return std::string(as_view(sha256_->finish()));
    }
    std::unreachable();
}

}  // namespace tarn::signature
