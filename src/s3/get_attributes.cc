#include <algorithm>
#include <array>

#include "base/bytes.h"
#include "s3/metadata.h"
#include "s3/operations.h"
#include "s3/xml.h"

namespace tarn::s3 {
namespace {

constexpr std::array<std::string_view, 5> names{"ETag", "Checksum", "ObjectParts", "StorageClass",
                                                "ObjectSize"};

// Which of `names` the request asks for; nothing when it asks for something else, or for nothing.
std::optional<std::array<bool, 5>> wanted_attributes(const Call& call) {
    std::array<bool, 5> wanted{};
    bool any = false;
    for (auto list : call.request.find_all("x-amz-object-attributes")) {
        while (!list.empty()) {
            const auto end = list.find(',');
            const auto name = trim(list.substr(0, end));
            list = end == list.npos ? std::string_view() : list.substr(end + 1);
            const auto known = std::ranges::find(names, name);
            if (known == names.end()) return std::nullopt;
            wanted[static_cast<std::size_t>(known - names.begin())] = any = true;
        }
    }
    return any ? std::optional(wanted) : std::nullopt;
}

}  // namespace

Task<http::Response> get_attributes(Call& call) {
    const auto wanted = wanted_attributes(call);
    if (!wanted) {
        co_return refuse(call, {Fault::invalid_request,
                                "The x-amz-object-attributes header specifying the attributes to "
                                "be retrieved is either missing or empty"});
    }
    const auto& key = call.key();
    if (key.ref.empty() || key.path.empty() || key.path.size() > path_bytes_max) {
        co_return refuse(call, {Fault::no_such_key});
    }
    const auto entry = co_await call.parts.catalog.find(call.repository, key.ref, key.path);
    if (!entry) co_return refuse(call, {Fault::no_such_key});
    XmlWriter xml("GetObjectAttributesResponse", true);
    if ((*wanted)[0]) xml.element("ETag", entry->etag);
    if ((*wanted)[3]) xml.element("StorageClass", storage_class_of(entry->metadata));
    if ((*wanted)[4]) xml.element("ObjectSize", static_cast<std::uint64_t>(entry->size_bytes));
    auto response = respond_xml(call, xml.finish());
    response.fields.add("Last-Modified", format_http_date(entry->modified));
    co_return response;
}

}  // namespace tarn::s3
