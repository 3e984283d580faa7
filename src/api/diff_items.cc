#include "api/diff_items.h"

#include <string_view>

#include "api/json.h"
#include "api/pagination.h"
#include "catalog/entry.h"

namespace tarn::api {
namespace {

using wire::append;

std::string_view type_of(const versions::DiffItem& item) {
    if (item.conflict) return "conflict";
    switch (item.type) {
        case committed::DiffType::added:
            return "added";
        case committed::DiffType::removed:
            return "removed";
        case committed::DiffType::changed:
            return "changed";
    }
    return "changed";
}

// The entry that a difference carries: what is new, or what was removed.
const committed::Value& carried(const versions::DiffItem& item) {
    return item.right.identity.empty() ? item.left : item.right;
}

void append_right(std::string& out, const catalog::Entry& entry) {
    out += ",\"right\":{\"checksum\":";
    append(out, std::string_view(entry.etag));
    out += ",\"mtime\":";
    append(out, unix_seconds(entry.modified));
    out += ",\"content_type\":";
    append(out, entry.content_type.empty() ? std::string_view("application/octet-stream")
                                           : std::string_view(entry.content_type));
    out += ",\"metadata\":";
    append(out, entry.metadata);
    out += '}';
}

void append_item(std::string& out, const versions::DiffItem& item, DiffStyle style) {
    out += "{\"type\":\"";
    out += item.is_prefix ? std::string_view("prefix_changed") : type_of(item);
    out += "\",\"path\":";
    append(out, std::string_view(item.key));
    if (item.is_prefix) {
        out += ",\"path_type\":\"common_prefix\"}";
        return;
    }
    out += ",\"path_type\":\"object\",\"size_bytes\":";
    const catalog::Entry entry = catalog::decode(carried(item).data);
    const bool hidden = item.right.identity.empty() && !style.removed_size;
    append(out, hidden ? std::int64_t{0} : entry.size_bytes);
    if (style.right) append_right(out, entry);
    out += '}';
}

}  // namespace

std::string diff_list(const versions::DiffPage& page, DiffStyle style) {
    std::string out = "{\"pagination\":";
    append(out, pagination(page.items.size(), page.more,
                           page.items.empty() ? std::string() : page.items.back().key));
    out += ",\"results\":[";
    for (const auto& item : page.items) {
        if (out.back() != '[') out += ',';
        append_item(out, item, style);
    }
    out += "]}";
    return out;
}

}  // namespace tarn::api
