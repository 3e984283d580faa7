#include "block/s3/s3_store.h"

#include <algorithm>
#include <utility>

#include "base/bytes.h"
#include "base/digest.h"
#include "base/error.h"
#include "block/s3/reader.h"

namespace tarn::block {
namespace {

constexpr int list_limit_max = 1000;
constexpr std::size_t deletions_max = 1000;
constexpr std::uint64_t small_bytes_max = 64 * 1024;

Properties properties_of(const S3Options& options) {
    Properties properties;
    properties.type = "s3";
    properties.namespace_example = "s3://example-bucket/";
    properties.namespace_pattern = "^s3://";
    properties.presign = options.presign;
    properties.presign_ui = options.presign && options.presign_ui;
    properties.presign_multipart = options.presign && options.presign_multipart;
    properties.presign_lifetime = options.presign_lifetime;
    properties.import = true;
    return properties;
}

// The size of the whole object that a good answer to GET is of.
std::uint64_t whole_size_of(const S3Answer& answer) {
    const std::string range = answer.field("Content-Range");
    const std::size_t slash = range.rfind('/');
    const std::string text =
        slash == std::string::npos ? answer.field("Content-Length") : range.substr(slash + 1);
    const auto size = parse_decimal(text);
    if (!size) throw Error(Code::unavailable, "the object store does not tell an object's size");
    return *size;
}

Error bad_range() {
    return Error(Code::invalid_argument, "the range lies outside of the object", "invalid_range");
}

}  // namespace

S3Store::S3Store(S3Options options, Workers& workers, const Clock& clock)
    : options_(std::move(options)),
      properties_(properties_of(options_)),
      workers_(workers),
      clock_(clock),
      client_(options_, workers, clock),
      memory_(options_.upload_memory_bytes) {}

Task<S3Answer> S3Store::require(S3Request request) {
    S3Answer answer = co_await client_.send(request);
    if (answer.fault) throw_fault(answer, request);
    co_return answer;
}

void S3Store::add_keeping(http::Fields& fields) const {
    if (!options_.encryption.empty()) {
        fields.set("x-amz-server-side-encryption", options_.encryption);
    }
    if (!options_.encryption_key_id.empty()) {
        fields.set("x-amz-server-side-encryption-aws-kms-key-id", options_.encryption_key_id);
    }
    if (!options_.storage_class.empty()) {
        fields.set("x-amz-storage-class", options_.storage_class);
    }
}

Time S3Store::time_of(const S3Answer& answer) const {
    std::string text = answer.field("Last-Modified");
    if (text.empty()) text = answer.field("Date");
    return parse_http_date(text).value_or(clock_.now());
}

Task<std::optional<S3Answer>> S3Store::head(S3Place place) {
    S3Request request;
    request.method = "HEAD";
    request.place = std::move(place);
    S3Answer answer = co_await client_.send(request);
    if (answer.status == 404) co_return std::nullopt;
    if (answer.fault) throw_fault(answer, request);
    co_return answer;
}

Task<std::optional<Stat>> S3Store::stat(Address address) {
    const auto answer = co_await head(place_of(address));
    if (!answer) co_return std::nullopt;
    std::string storage_class = answer->field("x-amz-storage-class");
    if (storage_class.empty()) storage_class = "STANDARD";
    co_return Stat{whole_size_of(*answer), time_of(*answer), std::move(storage_class)};
}

Task<std::optional<Opened>> S3Store::open(Address address, std::optional<Range> range) {
    if (range && range->first > range->last) throw bad_range();
    S3Request request;
    request.place = place_of(address);
    request.streams_answer = true;
    if (range) {
        request.fields.set(
            "Range", "bytes=" + std::to_string(range->first) + "-" + std::to_string(range->last));
    } else {
        request.fields.set("x-amz-checksum-mode", "ENABLED");
    }
    S3Answer answer = co_await client_.send(request);
    if (answer.fault && answer.fault->code != "NoSuchBucket" && answer.status == 404) {
        co_return std::nullopt;
    }
    if (answer.fault) throw_fault(answer, request);
    const Stat stat{whole_size_of(answer), time_of(answer)};
    if (range && (answer.status != 206 || range->last >= stat.size_bytes)) throw bad_range();
    const Range stretch = range.value_or(Range{0, stat.size_bytes - 1});
    const std::uint64_t size =
        !range && stat.size_bytes == 0 ? 0 : stretch.last - stretch.first + 1;
    auto reader = std::make_unique<S3Reader>(client_, std::move(request), std::move(answer),
                                             stretch.first, size);
    Opened opened{std::string(), stat};
    if (size <= small_bytes_max) {
        opened.body = co_await read_all(*reader, small_bytes_max);
    } else {
        opened.body = std::move(reader);
    }
    co_return opened;
}

Task<void> S3Store::remove(Address address) {
    S3Request request;
    request.method = "DELETE";
    request.place = place_of(address);
    const S3Answer answer = co_await client_.send(request);
    if (answer.fault && answer.fault->code != "NoSuchKey") throw_fault(answer, request);
}

Task<void> S3Store::remove_all(std::string storage_namespace, std::vector<std::string> keys) {
    const S3Place folder = folder_of(storage_namespace);
    for (std::size_t at = 0; at < keys.size(); at += deletions_max) {
        const std::size_t end = std::min(keys.size(), at + deletions_max);
        std::vector<std::string> page;
        for (std::size_t i = at; i < end; ++i) page.push_back(folder.key + keys[i]);
        S3Request request;
        request.method = "POST";
        request.place.bucket = folder.bucket;
        request.query = "delete=";
        request.bytes = std::make_shared<const std::string>(write_deletion(page));
        request.signs_bytes = true;
        request.fields.set("Content-Type", "application/xml");
        request.fields.set("Content-MD5", to_base64(as_view(md5(*request.bytes))));
        S3Answer answer = co_await require(request);
        answer.fault = parse_deleted(answer.text);
        if (answer.fault) throw_fault(answer, request);
    }
}

Task<ListPage> S3Store::list(std::string storage_namespace, std::string prefix, std::string after,
                             int limit) {
    const S3Place folder = folder_of(storage_namespace);
    ListPage page;
    std::string token;
    while (static_cast<int>(page.objects.size()) < limit) {
        const int wanted = std::min(limit - static_cast<int>(page.objects.size()), list_limit_max);
        S3Request request;
        request.place.bucket = folder.bucket;
        request.query = "encoding-type=url&list-type=2&max-keys=" + std::to_string(wanted) +
                        "&prefix=" + percent_encode(folder.key + prefix);
        if (!token.empty()) {
            request.query += "&continuation-token=" + percent_encode(token);
        } else if (!after.empty()) {
            request.query += "&start-after=" + percent_encode(folder.key + after);
        }
        const S3Answer answer = co_await require(std::move(request));
        S3ListPage found = parse_list(answer.text);
        for (Listed& listed : found.objects) {
            listed.key.erase(0, folder.key.size());
            page.objects.push_back(std::move(listed));
        }
        token = std::move(found.next_token);
        if (token.empty()) break;
    }
    page.more = !token.empty();
    co_return page;
}

void S3Store::require_presign() const {
    if (options_.presign) return;
    throw Error(Code::unimplemented, "presigned urls are disabled");
}

Task<std::string> S3Store::presign(Address address, bool write, std::chrono::seconds lifetime) {
    require_presign();
    co_return co_await client_.presign(write ? "PUT" : "GET", place_of(address), "", lifetime);
}

Task<std::string> S3Store::presign_part(Address address, std::string upload, int number,
                                        std::chrono::seconds lifetime) {
    require_presign();
    std::string query =
        "partNumber=" + std::to_string(number) + "&uploadId=" + percent_encode(upload);
    co_return co_await client_.presign("PUT", place_of(address), std::move(query), lifetime);
}

std::string S3Store::show(const Address& address) const {
    if (address.storage_namespace.empty()) return address.key;
    std::string shown = address.storage_namespace;
    while (shown.ends_with('/')) shown.pop_back();
    return shown + "/" + address.key;
}

}  // namespace tarn::block
