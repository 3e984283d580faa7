#include <map>

#include "base/bytes.h"
#include "base/error.h"
#include "block/multipart.h"
#include "s3/operations.h"
#include "s3/upload.h"
#include "s3/xml.h"

namespace tarn::s3 {
namespace {

constexpr std::size_t body_bytes_max = 4 * 1024 * 1024;
constexpr std::uint64_t part_bytes_min = 5 * 1024 * 1024;  // of all but the last part
constexpr int page_size = 1'000;

http::Response answer(const Call& call, const std::string& etag) {
    const auto host = call.request.find("host").value_or("");
    std::string location(call.request.is_tls() ? "https://" : "http://");
    location.append(host).append(call.request.path());
    XmlWriter xml("CompleteMultipartUploadResult", false);
    xml.element("Location", location).element("Bucket", call.repository.id);
    xml.element("Key", call.key().whole()).etag("ETag", etag);
    return respond_xml(call, xml.finish());
}

std::vector<block::Part> named_parts(const PartList& list) {
    std::vector<block::Part> parts;
    for (const auto& part : list.parts) {
        parts.push_back({part.number, to_lower(part.etag), 0, Time{}});
    }
    return parts;
}

// Clients ask again when the answer was lost: the upload is gone then, and its object is there.
Task<std::optional<std::string>> find_completed(const Call& call, const PartList& list) {
    std::string etag;
    try {
        etag = block::multipart_etag(named_parts(list));
    } catch (const Error&) {
        co_return std::nullopt;  // the etag of a part is no MD5
    }
    const auto& key = call.key();
    const auto entry = co_await call.parts.catalog.find(call.repository, key.ref, key.path);
    if (!entry || entry->etag != etag) co_return std::nullopt;
    co_return etag;
}

Task<std::map<int, block::Part>> stored_parts(const Call& call, const catalog::Upload& upload) {
    std::map<int, block::Part> parts;
    int after = 0;
    bool more = true;
    while (more) {
        auto page = co_await call.parts.blocks().list_parts(address_of(call, upload), upload.id,
                                                            after, page_size);
        more = page.more && !page.parts.empty();
        for (auto& part : page.parts) {
            after = part.number;
            parts.emplace(part.number, std::move(part));
        }
    }
    co_return parts;
}

Failure part_failure(Fault fault, const std::string& upload, const PartList::Part& part) {
    return {
        fault,
        {},
        {{"UploadId", upload}, {"PartNumber", std::to_string(part.number)}, {"ETag", part.etag}}};
}

// The stored parts that the list names, in its order, or what is wrong with it.
std::expected<std::vector<block::Part>, Failure> choose_parts(
    const PartList& list, const std::map<int, block::Part>& stored, const catalog::Upload& begun) {
    const std::string& upload = begun.id;
    // What lakeFS began may be completed under its rule, which knows no smallest part.
    const std::uint64_t size_min = begun.place.empty() ? 0 : part_bytes_min;
    std::vector<block::Part> chosen;
    for (const auto& part : list.parts) {
        if (!chosen.empty() && part.number <= chosen.back().number) {
            return std::unexpected(Failure{Fault::invalid_part_order});
        }
        const auto found = stored.find(part.number);
        if (found == stored.end() || !equals_ignoring_case(found->second.etag, part.etag)) {
            return std::unexpected(part_failure(Fault::invalid_part, upload, part));
        }
        if (!chosen.empty() && chosen.back().size_bytes < size_min) {
            const auto& small = chosen.back();
            auto failure =
                part_failure(Fault::entity_too_small, upload, {small.number, small.etag});
            failure.details.emplace_back("ProposedSize", std::to_string(small.size_bytes));
            failure.details.emplace_back("MinSizeAllowed", std::to_string(part_bytes_min));
            return std::unexpected(std::move(failure));
        }
        chosen.push_back(found->second);
    }
    return chosen;
}

std::optional<Failure> judge_size(const Call& call, const std::vector<block::Part>& parts) {
    const auto declared = call.request.find("x-amz-mp-object-size");
    if (!declared) return std::nullopt;
    std::uint64_t size = 0;
    for (const auto& part : parts) size += part.size_bytes;
    if (parse_decimal(*declared) == size) return std::nullopt;
    return Failure{Fault::invalid_request,
                   "The provided 'x-amz-mp-object-size' header does not match the size of the "
                   "parts."};
}

// An earlier request has joined the parts, and its server ended before it could stage the object.
Task<std::optional<block::Completed>> find_joined(const Call& call, const PartList& list,
                                                  const catalog::Upload& upload) {
    try {
        co_return co_await call.parts.blocks().complete_upload(address_of(call, upload), upload.id,
                                                               named_parts(list));
    } catch (const Error& error) {
        const bool absent = error.detail() == "invalid_part" || error.detail() == "no_such_upload";
        if (!absent) throw;
    }
    co_return std::nullopt;
}

Task<std::expected<block::Completed, Failure>> join(const Call& call, const PartList& list,
                                                    const catalog::Upload& upload) {
    std::exception_ptr unlisted;
    std::map<int, block::Part> stored;
    try {
        stored = co_await stored_parts(call, upload);
    } catch (const Error& error) {
        if (error.detail() != "no_such_upload") throw;
        unlisted = std::current_exception();
    }
    auto chosen = choose_parts(list, stored, upload);
    if (!chosen) {
        if (chosen.error().fault != Fault::invalid_part) co_return std::unexpected(chosen.error());
        auto joined = co_await find_joined(call, list, upload);
        if (joined) co_return std::move(*joined);
        if (unlisted) std::rethrow_exception(unlisted);
        co_return std::unexpected(chosen.error());
    }
    auto wrong_size = judge_size(call, *chosen);
    if (wrong_size) co_return std::unexpected(std::move(*wrong_size));
    co_return co_await call.parts.blocks().complete_upload(address_of(call, upload), upload.id,
                                                           std::move(*chosen));
}

}  // namespace

Task<http::Response> complete_upload(Call& call) {
    call.access = Access::write;
    const std::string body = co_await read_body(call, body_bytes_max);
    const PartList list = parse_part_list(body);
    auto upload = co_await find_upload(call);
    if (!upload) {
        const auto etag = co_await find_completed(call, list);
        co_return etag ? answer(call, *etag) : refuse(call, upload.error());
    }
    const auto& key = call.key();
    const auto obstacle = co_await find_write_obstacle(call, key.ref);
    if (obstacle) co_return refuse(call, *obstacle);
    const auto conditions = read_conditions(call.request, call.parts.clock.now());
    const auto broken = co_await judge_current(call, conditions);
    if (broken) co_return refuse(call, *broken);
    const auto joined = co_await join(call, list, *upload);
    if (!joined) co_return refuse(call, joined.error());
    const block::Completed& completed = *joined;
    catalog::Entry entry;
    entry.address = upload->address;
    entry.modified = completed.stat.modified;
    entry.size_bytes = static_cast<std::int64_t>(completed.stat.size_bytes);
    // lakeFS keeps what stands before the number of parts.
    const bool by_lakefs = upload->place.empty();
    entry.etag = by_lakefs ? completed.etag.substr(0, completed.etag.find('-')) : completed.etag;
    entry.metadata = upload->metadata;
    entry.content_type = upload->content_type;
    const auto failure = co_await put_entry(call, std::move(entry), conditions);
    co_await call.parts.catalog.remove_upload(upload->id);
    if (failure) co_return refuse(call, *failure);
    co_return answer(call, completed.etag);
}

}  // namespace tarn::s3
