// Putting objects: one request, or parts side by side.

#include <boost/asio/this_coro.hpp>

#include <algorithm>
#include <utility>

#include "base/bytes.h"
#include "base/digest.h"
#include "base/error.h"
#include "base/log.h"
#include "base/signal.h"
#include "block/digesting_source.h"
#include "block/multipart.h"
#include "block/s3/s3_store.h"

namespace tarn::block {
namespace {

constexpr std::uint64_t unbudgeted_bytes_max = 64 * 1024;
constexpr std::uint64_t mebibyte = 1024 * 1024;
constexpr int parts_a_size = 1000;  // of a body of unknown length; then they double
constexpr int doublings_max = 3;

std::string crc32c_of(std::string_view bytes) {
    const std::uint32_t crc = crc32c(0, bytes);
    std::string big_endian;
    for (const int shift : {24, 16, 8, 0}) big_endian += static_cast<char>(crc >> shift & 0xff);
    return to_base64(big_endian);
}

// The length of part `number`, so that 10,000 of them are enough for any object of the store.
std::uint64_t part_size(int number, std::optional<std::uint64_t> size, std::uint64_t standard) {
    if (!size) return standard << std::min((number - 1) / parts_a_size, doublings_max);
    const std::uint64_t least = (*size + part_number_max - 1) / part_number_max;
    return std::max(standard, (least + mebibyte - 1) / mebibyte * mebibyte);
}

}  // namespace

// A put in several requests. All of it on one context.
struct S3Store::Parts {
    S3Place place;
    std::string upload;
    std::vector<S3Piece> sent = {};
    int in_flight = 0;
    std::exception_ptr failure = nullptr;
    std::optional<Signal> one_ended = std::nullopt;
    std::uint64_t bytes = 0;

    Task<void> wait_below(int limit) {
        while (in_flight >= limit) {
            one_ended.emplace();
            co_await one_ended->wait();
        }
    }
};

bool S3Store::has_md5_etag(const S3Answer& answer) const {
    const bool foreign_key = options_.encryption.contains("kms") ||
                             answer.field("x-amz-server-side-encryption").contains("kms");
    const std::string etag = unquoted(answer.field("ETag"));
    return !foreign_key && etag.size() == 32 && from_hex(etag);
}

Task<void> S3Store::check_stored(S3Request request, S3Answer answer) {
    const std::string kept = answer.field("x-amz-checksum-crc32c");
    bool good = true;
    if (!kept.empty()) {
        good = kept == request.fields.find("x-amz-checksum-crc32c");
    } else if (has_md5_etag(answer)) {
        const std::string digest =
            co_await workers_.offload([&request] { return to_hex(as_view(md5(*request.bytes))); });
        good = digest == unquoted(answer.field("ETag"));
    }
    if (good) co_return;
    throw Error(Code::corrupted,
                "the object store keeps other bytes of 's3://" + request.place.bucket + "/" +
                    request.place.key + "' than it was sent",
                "bad_checksum");
}

Task<Stat> S3Store::put(Address address, ByteSource& body, bool) {
    S3Place place = place_of(address);
    BodyCutter cutter(body);
    const std::optional<std::uint64_t> size = body.size();
    if (!size) co_return co_await put_unsized(std::move(place), cutter);
    MemoryBudget::Permit permit;
    if (*size > options_.part_bytes) {
        co_return co_await put_in_parts(std::move(place), cutter, nullptr, std::move(permit), size);
    }
    if (*size > unbudgeted_bytes_max) {
        permit = memory_.try_take(*size);
        if (!permit) co_return co_await put_streaming(std::move(place), body);
    }
    const Bytes bytes = std::make_shared<std::string>();
    bytes->reserve(*size);
    const bool whole = co_await cutter.fill(*bytes, *size);
    const bool more = co_await cutter.has_more();
    if (!whole || more) {
        throw Error(Code::invalid_argument, "the body is not as long as it said", "bad_length");
    }
    co_return co_await put_bytes(std::move(place), bytes);
}

Task<Stat> S3Store::put_unsized(S3Place place, BodyCutter& cutter) {
    const Bytes bytes = std::make_shared<std::string>();
    bool more = co_await cutter.fill(*bytes, unbudgeted_bytes_max);
    if (!more) co_return co_await put_bytes(std::move(place), bytes);
    auto permit = co_await memory_.take(options_.part_bytes);
    more = co_await cutter.fill(*bytes, options_.part_bytes - bytes->size());
    if (!more) co_return co_await put_bytes(std::move(place), bytes);
    co_return co_await put_in_parts(std::move(place), cutter, bytes, std::move(permit),
                                    std::nullopt);
}

Task<Stat> S3Store::put_bytes(S3Place place, Bytes bytes) {
    S3Request request;
    request.method = "PUT";
    request.place = std::move(place);
    request.bytes = bytes;
    request.fields.set("x-amz-checksum-crc32c", crc32c_of(*bytes));
    add_keeping(request.fields);
    S3Answer answer = co_await require(request);
    const Stat stat{bytes->size(), time_of(answer)};
    co_await check_stored(std::move(request), std::move(answer));
    co_return stat;
}

Task<Stat> S3Store::put_streaming(S3Place place, ByteSource& body) {
    DigestingSource digested(workers_, body);
    S3Request request;
    request.method = "PUT";
    request.place = std::move(place);
    request.stream = &digested;
    add_keeping(request.fields);
    std::exception_ptr failure;
    S3Answer answer;
    try {
        answer = co_await require(request);
    } catch (...) {
        failure = std::current_exception();
    }
    co_await digested.finish();
    if (failure) std::rethrow_exception(failure);
    if (has_md5_etag(answer) && digested.hex_digest() != unquoted(answer.field("ETag"))) {
        throw Error(Code::corrupted, "the object store keeps other bytes than it was sent",
                    "bad_checksum");
    }
    co_return Stat{*body.size(), time_of(answer)};
}

Task<Stat> S3Store::put_in_parts(S3Place place, BodyCutter& cutter, Bytes first,
                                 MemoryBudget::Permit permit, std::optional<std::uint64_t> size) {
    std::string upload = co_await begin(place, true);
    Parts parts{std::move(place), std::move(upload)};
    std::exception_ptr failure;
    try {
        co_await send_parts(parts, cutter, std::move(first), std::move(permit), size);
    } catch (...) {
        failure = std::current_exception();
    }
    co_await parts.wait_below(1);
    if (!failure) failure = parts.failure;
    S3Copied joined;
    try {
        if (!failure) {
            std::ranges::sort(parts.sent, {},
                              [](const S3Piece& piece) { return piece.part.number; });
            joined = co_await join(parts.place, parts.upload, parts.sent);
        }
    } catch (...) {
        failure = std::current_exception();
    }
    if (!failure) co_return Stat{parts.bytes, joined.modified};
    try {
        co_await abort(parts.place, parts.upload);
    } catch (const Error& error) {
        log::warning("an upload stays behind in the object store: {}", error.message());
    }
    std::rethrow_exception(failure);
}

Task<MemoryBudget::Permit> S3Store::permit_for(Parts& parts, std::uint64_t bytes) {
    while (parts.in_flight > 0) {
        auto permit = memory_.try_take(bytes);
        if (permit) co_return permit;
        co_await parts.wait_below(parts.in_flight);
    }
    co_return co_await memory_.take(bytes);
}

Task<void> S3Store::send_parts(Parts& parts, BodyCutter& cutter, Bytes first,
                               MemoryBudget::Permit permit, std::optional<std::uint64_t> size) {
    const auto executor = co_await boost::asio::this_coro::executor;
    bool more = true;
    for (int number = 1; more && !parts.failure; ++number) {
        Bytes bytes = std::exchange(first, nullptr);
        if (!bytes) {
            co_await parts.wait_below(options_.parts_in_flight_max);
            const std::uint64_t wanted = part_size(number, size, options_.part_bytes);
            permit = co_await permit_for(parts, wanted);
            bytes = std::make_shared<std::string>();
            bytes->reserve(wanted);
            co_await cutter.fill(*bytes, wanted);
        }
        more = co_await cutter.has_more();
        if (number > part_number_max) {
            throw Error(Code::invalid_argument, "the object is too large", "entity_too_large");
        }
        parts.bytes += bytes->size();
        ++parts.in_flight;
        // NOLINTNEXTLINE(bugprone-use-after-move): every turn but the first takes its own above.
        auto held = std::make_shared<MemoryBudget::Permit>(std::move(permit));
        start_on(executor.context(), [this, &parts, number, bytes, held] {
            return send_part(parts, number, bytes, std::move(*held));
        });
    }
    co_await parts.wait_below(1);
    if (size && parts.bytes != *size && !parts.failure) {
        throw Error(Code::invalid_argument, "the body is not as long as it said", "bad_length");
    }
}

Task<void> S3Store::send_part(Parts& parts, int number, Bytes bytes, MemoryBudget::Permit permit) {
    try {
        S3Request request;
        request.method = "PUT";
        request.place = parts.place;
        request.query =
            "partNumber=" + std::to_string(number) + "&uploadId=" + percent_encode(parts.upload);
        request.bytes = bytes;
        const std::string crc = crc32c_of(*bytes);
        request.fields.set("x-amz-checksum-crc32c", crc);
        const S3Answer answer = co_await require(request);
        Part part{number, unquoted(answer.field("ETag")), bytes->size(), time_of(answer)};
        parts.sent.push_back({std::move(part), crc});
        S3Answer checked;
        checked.fields = answer.fields;
        co_await check_stored(std::move(request), std::move(checked));
    } catch (...) {
        if (!parts.failure) parts.failure = std::current_exception();
    }
    bytes.reset();
    permit = {};
    --parts.in_flight;
    if (parts.one_ended) parts.one_ended->notify();
}

}  // namespace tarn::block
