#include "s3/list_request.h"
#include "s3/metadata.h"
#include "s3/operations.h"

namespace tarn::s3 {
namespace {

void write_owner(XmlWriter& xml, const std::string& owner) {
    xml.open("Owner").element("ID", owner).element("DisplayName", owner).close("Owner");
}

void write_items(XmlWriter& xml, const BucketPage& page, bool url_encoding,
                 const std::string* owner) {
    for (const auto& item : page.items) {
        if (item.is_prefix) continue;
        xml.open("Contents");
        write_key(xml, "Key", item.key, url_encoding);
        xml.time("LastModified", item.entry.modified).etag("ETag", item.entry.etag);
        xml.element("Size", static_cast<std::uint64_t>(item.entry.size_bytes));
        xml.element("StorageClass", storage_class_of(item.entry.metadata));
        if (owner != nullptr) write_owner(xml, *owner);
        xml.close("Contents");
    }
}

void write_prefixes(XmlWriter& xml, const BucketPage& page, bool url_encoding) {
    for (const auto& item : page.items) {
        if (!item.is_prefix) continue;
        xml.open("CommonPrefixes");
        write_key(xml, "Prefix", item.key, url_encoding);
        xml.close("CommonPrefixes");
    }
}

void write_question(XmlWriter& xml, const Call& call, const ListRequest& request) {
    xml.element("Name", call.repository.id);
    write_key(xml, "Prefix", request.query.prefix, request.url_encoding);
    if (!request.query.delimiter.empty()) {
        write_key(xml, "Delimiter", request.query.delimiter, request.url_encoding);
    }
    if (request.url_encoding) xml.element("EncodingType", "url");
    xml.element("MaxKeys", static_cast<std::uint64_t>(request.query.limit));
}

// The token behind an item: the key, or the bare name where branches are listed as folders.
std::string token_behind(const ListRequest& request, const BucketItem& item) {
    const bool is_branch = item.is_prefix && request.query.prefix.find('/') == std::string::npos &&
                           item.key.find('/') == item.key.size() - 1;
    return token_of(is_branch ? item.key.substr(0, item.key.size() - 1) : item.key);
}

std::string version_1(const Call& call, const ListRequest& request, const BucketPage& page) {
    XmlWriter xml("ListBucketResult", true);
    write_question(xml, call, request);
    write_key(xml, "Marker", request.marker, request.url_encoding);
    xml.flag("IsTruncated", page.more);
    if (page.more && !request.query.delimiter.empty()) {
        write_key(xml, "NextMarker", page.items.back().key, request.url_encoding);
    }
    write_items(xml, page, request.url_encoding, &call.credential->user);
    write_prefixes(xml, page, request.url_encoding);
    return xml.finish();
}

std::string version_2(const Call& call, const ListRequest& request, const BucketPage& page) {
    XmlWriter xml("ListBucketResult", true);
    write_question(xml, call, request);
    xml.element("KeyCount", page.items.size()).flag("IsTruncated", page.more);
    if (request.token) xml.element("ContinuationToken", *request.token);
    if (page.more) {
        xml.element("NextContinuationToken", token_behind(request, page.items.back()));
    }
    if (request.start_after) {
        write_key(xml, "StartAfter", *request.start_after, request.url_encoding);
    }
    write_items(xml, page, request.url_encoding,
                request.fetch_owner ? &call.credential->user : nullptr);
    write_prefixes(xml, page, request.url_encoding);
    return xml.finish();
}

http::Response answer(const Call& call, std::string document) {
    auto response = respond_xml(call, std::move(document));
    response.fields.add("x-amz-bucket-region", call.parts.options.region);
    return response;
}

}  // namespace

Task<http::Response> list_objects(Call& call) {
    const bool is_version_2 = call.params.find("list-type").value_or("") == "2";
    const auto request =
        parse_list_request(call.params, is_version_2 ? ListKind::version_2 : ListKind::version_1);
    if (!request) co_return refuse(call, request.error());
    const auto page = co_await list_bucket(call, request->query);
    auto document =
        is_version_2 ? version_2(call, *request, page) : version_1(call, *request, page);
    co_return answer(call, std::move(document));
}

// Every key once, as its own only version.
Task<http::Response> list_versions(Call& call) {
    const auto request = parse_list_request(call.params, ListKind::versions);
    if (!request) co_return refuse(call, request.error());
    const auto page = co_await list_bucket(call, request->query);
    XmlWriter xml("ListVersionsResult", true);
    write_question(xml, call, *request);
    write_key(xml, "KeyMarker", request->marker, request->url_encoding);
    xml.element("VersionIdMarker", call.params.find("version-id-marker").value_or(""));
    xml.flag("IsTruncated", page.more);
    if (page.more) {
        write_key(xml, "NextKeyMarker", page.items.back().key, request->url_encoding);
        xml.element("NextVersionIdMarker", "null");
    }
    for (const auto& item : page.items) {
        if (item.is_prefix) continue;
        xml.open("Version");
        write_key(xml, "Key", item.key, request->url_encoding);
        xml.element("VersionId", "null").flag("IsLatest", true);
        xml.time("LastModified", item.entry.modified).etag("ETag", item.entry.etag);
        xml.element("Size", static_cast<std::uint64_t>(item.entry.size_bytes));
        xml.element("StorageClass", storage_class_of(item.entry.metadata));
        write_owner(xml, call.credential->user);
        xml.close("Version");
    }
    write_prefixes(xml, page, request->url_encoding);
    co_return answer(call, xml.finish());
}

}  // namespace tarn::s3
