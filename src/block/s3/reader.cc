#include "block/s3/reader.h"

#include <algorithm>
#include <array>
#include <utility>

#include "base/bytes.h"
#include "base/error.h"

namespace tarn::block {
namespace {

constexpr int breaks_max = 5;

}  // namespace

S3Reader::S3Reader(S3Client& client, S3Request request, S3Answer answer, std::uint64_t first,
                   std::uint64_t size)
    : client_(client),
      request_(std::move(request)),
      body_(std::move(answer.body)),
      etag_(answer.field("ETag")),
      at_(first),
      left_(size),
      size_(size),
      breaks_left_(breaks_max) {
    if (!request_.fields.find("Range")) choose_checksum(answer);
}

void S3Reader::choose_checksum(const S3Answer& answer) {
    constexpr std::array cheap{signature::ChecksumKind::crc32c, signature::ChecksumKind::crc32,
                               signature::ChecksumKind::crc64nvme};
    for (const signature::ChecksumKind kind : cheap) {
        const auto raw = from_base64(answer.field(signature::header_of(kind)));
        // A checksum of checksums says nothing of the whole, and ends in a dash and a number.
        if (!raw || raw->size() != signature::size_of(kind)) continue;
        if (answer.field("x-amz-checksum-type") == "COMPOSITE") continue;
        checksum_.emplace(kind);
        expected_ = *raw;
        return;
    }
}

Task<void> S3Reader::reopen() {
    request_.fields.set("Range",
                        "bytes=" + std::to_string(at_) + "-" + std::to_string(at_ + left_ - 1));
    if (!etag_.empty()) request_.fields.set("If-Match", etag_);
    S3Answer answer = co_await client_.send(request_);
    if (answer.status == 412) {
        throw Error(Code::unavailable, "an object was replaced while it was read");
    }
    if (answer.fault) throw_fault(answer, request_);
    if (answer.status != 206) {
        throw Error(Code::unavailable, "the object store ignores the range of a request");
    }
    body_ = std::move(answer.body);
}

Task<Slice> S3Reader::next() {
    while (left_ > 0) {
        bool broken = false;
        Slice slice;
        try {
            slice = co_await body_->next();
        } catch (const Error& error) {
            if (error.code() != Code::unavailable || breaks_left_-- == 0) throw;
            broken = true;
        }
        if (broken) {
            co_await reopen();
            continue;
        }
        if (slice.empty() || slice.bytes.size() > left_) {
            throw Error(Code::unavailable, "an object is not as long as the object store said");
        }
        at_ += slice.bytes.size();
        left_ -= slice.bytes.size();
        if (checksum_) checksum_->update(slice.bytes);
        if (left_ == 0 && checksum_ && checksum_->finish() != expected_) {
            throw Error(Code::corrupted,
                        "the bytes of 's3://" + request_.place.bucket + "/" + request_.place.key +
                            "' do not have their checksum",
                        "bad_checksum");
        }
        co_return slice;
    }
    co_return Slice{};
}

}  // namespace tarn::block
