#include <algorithm>

#include "base/bytes.h"
#include "s3/list_request.h"
#include "s3/operations.h"
#include "s3/upload.h"
#include "s3/xml.h"

namespace tarn::s3 {
namespace {

constexpr int page_max = 1'000;
// Uploads looked at for one answer: what is beyond is not listed.
constexpr std::size_t uploads_max = 100'000;

struct Item {
    std::string key;
    std::string id;  // empty: a common prefix
    Time created;
};

struct Question {
    std::string prefix, delimiter, key_marker, id_marker;
    int limit = page_max;
    bool url_encoding = false;
};

// The uploads of the repository below the prefix, by key and then by id. Those that lakeFS began
// do not say where they belong and are not listed.
Task<std::vector<Item>> gather(const Call& call, std::string prefix) {
    const auto base = call.repository.id + "/";
    const auto wanted = base + prefix;
    std::vector<Item> items;
    std::string after;
    for (std::size_t seen = 0; seen < uploads_max;) {
        const auto uploads = co_await call.parts.catalog.list_uploads(after, page_max);
        if (uploads.empty()) break;
        seen += uploads.size();
        after = uploads.back().id;
        for (const auto& upload : uploads) {
            const std::string path = upload.place + "/" + upload.path;
            if (!path.starts_with(wanted)) continue;
            items.push_back({path.substr(base.size()), upload.id, upload.created});
        }
    }
    std::ranges::sort(items, [](const Item& left, const Item& right) {
        return std::tie(left.key, left.id) < std::tie(right.key, right.id);
    });
    co_return items;
}

bool is_behind_markers(const Item& item, const Question& question) {
    if (question.key_marker.empty()) return true;
    if (item.key != question.key_marker) return item.key > question.key_marker;
    return !item.id.empty() && !question.id_marker.empty() && item.id > question.id_marker;
}

// Rolls up behind the delimiter; an upload's own key stays when it has none.
std::vector<Item> roll_up(std::vector<Item> items, const Question& question) {
    std::vector<Item> rolled;
    for (auto& item : items) {
        const auto at = question.delimiter.empty()
                            ? std::string::npos
                            : item.key.find(question.delimiter, question.prefix.size());
        if (at != std::string::npos) {
            item = {item.key.substr(0, at + question.delimiter.size()), {}, {}};
            if (!rolled.empty() && rolled.back().id.empty() && rolled.back().key == item.key) {
                continue;
            }
        }
        if (is_behind_markers(item, question)) rolled.push_back(std::move(item));
    }
    return rolled;
}

std::string document(const Call& call, const Question& question, const std::vector<Item>& items) {
    const auto shown = std::min(items.size(), static_cast<std::size_t>(question.limit));
    const bool more = shown > 0 && shown < items.size();
    const auto& owner = call.credential->user;
    XmlWriter xml("ListMultipartUploadsResult", false);
    xml.element("Bucket", call.repository.id);
    write_key(xml, "KeyMarker", question.key_marker, question.url_encoding);
    xml.element("UploadIdMarker", question.id_marker);
    write_key(xml, "Prefix", question.prefix, question.url_encoding);
    if (!question.delimiter.empty()) {
        write_key(xml, "Delimiter", question.delimiter, question.url_encoding);
    }
    if (question.url_encoding) xml.element("EncodingType", "url");
    xml.element("MaxUploads", static_cast<std::uint64_t>(question.limit));
    xml.flag("IsTruncated", more);
    if (more) {
        write_key(xml, "NextKeyMarker", items[shown - 1].key, question.url_encoding);
        xml.element("NextUploadIdMarker", items[shown - 1].id);
    }
    for (std::size_t at = 0; at < shown; ++at) {
        const auto& item = items[at];
        xml.open(item.id.empty() ? "CommonPrefixes" : "Upload");
        write_key(xml, item.id.empty() ? "Prefix" : "Key", item.key, question.url_encoding);
        if (item.id.empty()) {
            xml.close("CommonPrefixes");
            continue;
        }
        xml.element("UploadId", item.id);
        xml.open("Initiator").element("ID", owner).element("DisplayName", owner);
        xml.close("Initiator").open("Owner").element("ID", owner).element("DisplayName", owner);
        xml.close("Owner").element("StorageClass", "STANDARD");
        xml.time("Initiated", item.created).close("Upload");
    }
    return xml.finish();
}

}  // namespace

Task<http::Response> list_uploads(Call& call) {
    Question question;
    question.prefix = call.params.find("prefix").value_or("");
    question.delimiter = call.params.find("delimiter").value_or("");
    question.key_marker = call.params.find("key-marker").value_or("");
    question.id_marker = call.params.find("upload-id-marker").value_or("");
    const auto encoding = call.params.find("encoding-type").value_or("");
    question.url_encoding = encoding == "url";
    if (!encoding.empty() && !question.url_encoding) {
        co_return refuse(call,
                         {Fault::invalid_argument, "Invalid Encoding Method specified in Request"});
    }
    const auto limit = parse_limit(call.params, "max-uploads", page_max, page_max);
    if (!limit) {
        co_return refuse(call, {Fault::invalid_argument,
                                "Argument max-uploads must be an integer between 0 and "
                                "2147483647"});
    }
    question.limit = *limit;
    auto items = co_await gather(call, question.prefix);
    items = roll_up(std::move(items), question);
    co_return respond_xml(call, document(call, question, items));
}

}  // namespace tarn::s3
