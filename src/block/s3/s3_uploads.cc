// Copies, and uploads whose parts come from the callers.

#include <algorithm>
#include <utility>

#include "base/bytes.h"
#include "base/digest.h"
#include "base/error.h"
#include "base/signal.h"
#include "block/digesting_source.h"
#include "block/multipart.h"
#include "block/s3/s3_store.h"

namespace tarn::block {
namespace {

constexpr std::uint64_t copy_bytes_max = 5ULL << 30;  // of one request
constexpr std::uint64_t copied_part_bytes = 512ULL << 20;
constexpr std::uint64_t kept_part_bytes_max = 16 * 1024 * 1024;
constexpr std::uint64_t unsized_part_bytes_max = 64 * 1024 * 1024;
constexpr int list_limit_max = 1000;

std::string copy_source(const S3Place& place) {
    return percent_encode(place.bucket) + "/" + percent_encode(place.key, "/");
}

std::string part_query(const std::string& upload, int number) {
    return "partNumber=" + std::to_string(number) + "&uploadId=" + percent_encode(upload);
}

// The ETag that the joined object has; nothing when the parts' are no MD5s.
std::optional<std::string> expected_etag(const std::vector<S3Piece>& pieces) {
    std::vector<Part> parts;
    for (const S3Piece& piece : pieces) {
        if (piece.part.etag.size() != 32 || !from_hex(piece.part.etag)) return std::nullopt;
        parts.push_back(piece.part);
    }
    return multipart_etag(parts);
}

std::vector<S3Piece> without_checksums(std::vector<Part> parts) {
    std::vector<S3Piece> pieces;
    for (Part& part : parts) pieces.push_back({std::move(part), ""});
    return pieces;
}

}  // namespace

Task<Stat> S3Store::copy(Address from, Address to) {
    S3Place source = place_of(from);
    S3Place target = place_of(to);
    const auto found = co_await head(source);
    if (!found) throw Error(Code::not_found, "'" + show(from) + "' not found", "no_such_object");
    const std::uint64_t size = parse_decimal(found->field("Content-Length")).value_or(0);
    if (size > copy_bytes_max) {
        co_return co_await copy_in_parts(std::move(source), std::move(target), size);
    }
    S3Request request;
    request.method = "PUT";
    request.place = std::move(target);
    request.fields.set("x-amz-copy-source", copy_source(source));
    add_keeping(request.fields);
    const S3Answer answer = co_await require(std::move(request));
    co_return Stat{size, parse_copied(answer.text).modified};
}

Task<Stat> S3Store::copy_in_parts(S3Place from, S3Place to, std::uint64_t size) {
    const std::string upload = co_await begin(to, false);
    const std::uint64_t count = (size + copied_part_bytes - 1) / copied_part_bytes;
    std::vector<Part> parts(count);
    std::vector<std::function<Task<void>()>> tasks;
    for (std::uint64_t i = 0; i < count; ++i) {
        tasks.emplace_back([this, i, size, &from, &to, &upload, &parts]() -> Task<void> {
            const Range range{i * copied_part_bytes,
                              std::min(size, (i + 1) * copied_part_bytes) - 1};
            const int number = static_cast<int>(i) + 1;
            const S3Copied copied = co_await copy_stretch(to, upload, number, from, range);
            parts[i] = {number, copied.etag, range.last - range.first + 1, copied.modified};
        });
    }
    std::exception_ptr failure;
    S3Copied joined;
    try {
        co_await run_all(std::move(tasks), options_.parts_in_flight_max);
        joined = co_await join(to, upload, without_checksums(parts));
    } catch (...) {
        failure = std::current_exception();
    }
    if (!failure) co_return Stat{size, joined.modified};
    co_await abort(to, upload);
    std::rethrow_exception(failure);
}

Task<std::string> S3Store::begin(S3Place place, bool checksummed) {
    S3Request request;
    request.method = "POST";
    request.place = std::move(place);
    request.query = "uploads=";
    add_keeping(request.fields);
    if (checksummed) {
        request.fields.set("x-amz-checksum-algorithm", "CRC32C");
        request.fields.set("x-amz-checksum-type", "FULL_OBJECT");
    }
    const S3Answer answer = co_await require(std::move(request));
    std::string upload = parse_upload_id(answer.text);
    if (upload.empty()) throw Error(Code::unavailable, "the object store gave no upload id");
    co_return upload;
}

Task<std::string> S3Store::begin_upload(Address address) {
    co_return co_await begin(place_of(address), false);
}

Task<Part> S3Store::put_part(Address address, std::string upload, int number, ByteSource& body) {
    require_part_number(number);
    S3Request request;
    request.method = "PUT";
    request.place = place_of(address);
    request.query = part_query(upload, number);
    const std::optional<std::uint64_t> size = body.size();
    MemoryBudget::Permit permit;
    if (!size)
        permit = co_await memory_.take(unsized_part_bytes_max);
    else if (*size <= kept_part_bytes_max)
        permit = memory_.try_take(*size);

    DigestingSource digested(workers_, body);
    std::exception_ptr failure;
    S3Answer answer;
    std::uint64_t sent = size.value_or(0);
    try {
        if (permit) {
            auto bytes = std::make_shared<std::string>();
            BodyCutter cutter(digested);
            co_await cutter.fill(*bytes, size.value_or(unsized_part_bytes_max) + 1);
            if (size ? bytes->size() != *size : bytes->size() > unsized_part_bytes_max) {
                throw Error(Code::invalid_argument, "the part is not as long as it may be",
                            size ? "bad_length" : "entity_too_large");
            }
            sent = bytes->size();
            request.bytes = std::move(bytes);
        } else {
            request.stream = &digested;
        }
        answer = co_await require(request);
    } catch (...) {
        failure = std::current_exception();
    }
    co_await digested.finish();
    if (failure) std::rethrow_exception(failure);
    const std::string etag = unquoted(answer.field("ETag"));
    if (has_md5_etag(answer) && etag != digested.hex_digest()) {
        throw Error(Code::corrupted,
                    "the object store keeps other bytes of a part than it was sent",
                    "bad_checksum");
    }
    co_return Part{number, etag, sent, time_of(answer)};
}

Task<S3Copied> S3Store::copy_stretch(S3Place to, std::string upload, int number, S3Place from,
                                     std::optional<Range> range) {
    S3Request request;
    request.method = "PUT";
    request.place = std::move(to);
    request.query = part_query(upload, number);
    request.fields.set("x-amz-copy-source", copy_source(from));
    if (range) {
        request.fields.set("x-amz-copy-source-range", "bytes=" + std::to_string(range->first) +
                                                          "-" + std::to_string(range->last));
    }
    const S3Answer answer = co_await require(std::move(request));
    co_return parse_copied(answer.text);
}

Task<Part> S3Store::copy_part(Address address, std::string upload, int number, Address from,
                              std::optional<Range> range) {
    require_part_number(number);
    S3Place target = place_of(address);
    S3Place source = place_of(from);
    const auto found = co_await head(source);
    if (!found) throw Error(Code::not_found, "'" + show(from) + "' not found", "no_such_object");
    std::uint64_t size = parse_decimal(found->field("Content-Length")).value_or(0);
    if (range && (range->first > range->last || range->last >= size)) {
        throw Error(Code::invalid_argument, "the range lies outside of the object",
                    "invalid_range");
    }
    if (range) size = range->last - range->first + 1;
    S3Copied copied = co_await copy_stretch(std::move(target), std::move(upload), number,
                                            std::move(source), range);
    co_return Part{number, std::move(copied.etag), size, copied.modified};
}

Task<PartPage> S3Store::list_parts(Address address, std::string upload, int after, int limit) {
    S3Request request;
    request.place = place_of(address);
    request.query = "max-parts=" + std::to_string(std::min(limit, list_limit_max)) +
                    "&part-number-marker=" + std::to_string(after) +
                    "&uploadId=" + percent_encode(upload);
    const S3Answer answer = co_await require(std::move(request));
    co_return parse_parts(answer.text);
}

Task<Completed> S3Store::complete_upload(Address address, std::string upload,
                                         std::vector<Part> parts) {
    const S3Place place = place_of(address);
    require_ascending(parts);
    S3Copied joined = co_await join(place, std::move(upload), without_checksums(std::move(parts)));
    const auto found = co_await head(place);
    if (!found) throw Error(Code::not_found, "'" + show(address) + "' not found", "no_such_object");
    const std::uint64_t size = parse_decimal(found->field("Content-Length")).value_or(0);
    co_return Completed{std::move(joined.etag), {size, time_of(*found)}};
}

Task<S3Copied> S3Store::join(S3Place place, std::string upload, std::vector<S3Piece> pieces) {
    S3Request request;
    request.method = "POST";
    request.place = place;
    request.query = "uploadId=" + percent_encode(upload);
    request.bytes = std::make_shared<const std::string>(write_completion(pieces));
    request.signs_bytes = true;
    request.fields.set("Content-Type", "application/xml");
    const S3Answer answer = co_await client_.send(request);
    const auto expected = expected_etag(pieces);
    S3Copied joined;
    if (answer.fault) {
        // The upload is gone when an earlier attempt completed it and its answer was lost.
        if (answer.fault->code != "NoSuchUpload") throw_fault(answer, request);
        const auto found = co_await head(place);
        if (!found) throw_fault(answer, request);
        joined = {unquoted(found->field("ETag")), time_of(*found)};
        if (joined.etag != expected) throw_fault(answer, request);
    } else {
        joined = {parse_completed(answer.text), time_of(answer)};
    }
    const bool comparable = expected && !options_.encryption.contains("kms") &&
                            joined.etag.ends_with("-" + std::to_string(pieces.size())) &&
                            !answer.field("x-amz-server-side-encryption").contains("kms");
    if (comparable && joined.etag != *expected) {
        throw Error(Code::corrupted, "the object store joined other parts than it was told",
                    "bad_checksum");
    }
    co_return joined;
}

Task<void> S3Store::abort(S3Place place, std::string upload) {
    S3Request request;
    request.method = "DELETE";
    request.place = std::move(place);
    request.query = "uploadId=" + percent_encode(upload);
    const S3Answer answer = co_await client_.send(request);
    if (answer.fault && answer.fault->code != "NoSuchUpload") throw_fault(answer, request);
}

Task<void> S3Store::abort_upload(Address address, std::string upload) {
    co_await abort(place_of(address), std::move(upload));
}

}  // namespace tarn::block
