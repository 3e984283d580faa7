#include "catalog/internal/import_source.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "base/bytes.h"
#include "base/error.h"
#include "block/uri.h"

namespace tarn::catalog {
namespace {

constexpr std::size_t path_bytes_max = 1'024;
constexpr std::size_t batch_entries = 1'000;
// All pages together; a page of many objects spares a local store reading its folders often.
constexpr std::size_t open_objects_max = 100'000;
constexpr std::size_t page_objects_min = 16;
constexpr std::size_t page_objects_max = 10'000;
// What stays as it is in the escaped path of an address (formats 5.2).
constexpr std::string_view kept_in_paths = "$&+,/:;=@";

bool reads_back(const std::string& uri, std::string_view key) {
    try {
        return block::parse_uri(uri).key.ends_with(key);
    } catch (const Error&) {
        return false;
    }
}

[[noreturn]] void no_such_source(std::string_view uri) {
    throw Error(Code::not_found, fmt::format("there is nothing at '{}'", uri), "no_such_source");
}

}  // namespace

std::string uri_in(const std::string& folder, const std::string& key) {
    std::string uri = folder + "/" + key;
    const bool plain =
        key.find_first_of("%?") == std::string::npos && is_utf8(key) &&
        std::ranges::none_of(key, [](unsigned char c) { return c < 0x20 || c == 0x7f; });
    if (plain && folder.find('%') == std::string::npos) return uri;
    if (is_utf8(uri) && reads_back(uri, key)) return uri;
    const std::size_t path = uri.find('/', uri.find("://") + 3);
    const std::string folder_path = path < folder.size() ? block::parse_uri(folder).key + "/" : "";
    return uri.substr(0, path + 1) + percent_encode(folder_path + key, kept_in_paths);
}

SourcePlace place_of(const block::Store& blocks, std::string_view uri) {
    const block::Uri parsed = block::parse_uri(uri);
    const std::size_t slash = parsed.key.rfind('/');
    const std::string root = parsed.scheme + "://" + parsed.host;
    SourcePlace place;
    place.name = slash == std::string::npos ? parsed.key : parsed.key.substr(slash + 1);
    place.folder = slash == std::string::npos ? root : uri_in(root, parsed.key.substr(0, slash));
    // As the store shows it: the same folder has one name.
    std::string shown = blocks.show({place.folder, "x"});
    shown.resize(shown.size() - 2);
    place.folder = std::move(shown);
    return place;
}

// One source on its way: not yet listed, or standing at an object.
struct ImportSource::Feed {
    std::size_t number = 0;
    ImportPath path;
    std::string begin;  // what its paths begin with, or its only path
    std::size_t page_objects = 0;
    SourcePlace place;
    bool listed = false;
    std::vector<block::Listed> page;
    std::size_t at = 0;
    bool more = false;
    std::string key;  // the path that it stands at; before it is listed, none is smaller

    // Whether this is to be read before the other.
    bool precedes(const Feed& other) const {
        if (key != other.key) return key < other.key;
        if (listed != other.listed) return !listed;
        return number < other.number;
    }

    bool at_end() const { return listed && at >= page.size(); }

    Task<void> list(block::Store& blocks) {
        const std::string after = listed ? page.back().key : std::string();
        block::ListPage got;
        if (path.kind == ImportPath::Kind::object) {
            got = co_await blocks.list(place.folder, place.name, "", 1);
            if (got.objects.empty() || got.objects[0].key != place.name) no_such_source(path.uri);
            got.more = false;
        } else {
            got = co_await blocks.list(place.folder, place.name, after,
                                       static_cast<int>(page_objects));
            const bool missing = !listed && got.objects.empty();
            if (missing && blocks.properties().type == "local") no_such_source(path.uri);
            // A marker of the folder itself has no name in it.
            std::erase_if(got.objects,
                          [](const block::Listed& object) { return object.key.empty(); });
        }
        listed = true;
        page = std::move(got.objects);
        at = 0;
        more = got.more && !page.empty();
        take_key();
    }

    void take_key() {
        if (at >= page.size()) return;
        key = begin;
        if (path.kind == ImportPath::Kind::prefix) key += page[at].key;
        if (key.empty() || key.size() > path_bytes_max) {
            throw Error(Code::invalid_argument,
                        fmt::format("the path of '{}' has {} bytes, not 1 to {}", page[at].key,
                                    key.size(), path_bytes_max),
                        "bad_path");
        }
    }

    committed::Change change() const {
        const block::Listed& object = page[at];
        Entry entry;
        entry.address = uri_in(place.folder, object.key);
        entry.address_type = AddressType::full;
        entry.modified = object.modified;
        entry.size_bytes = static_cast<std::int64_t>(object.size_bytes);
        entry.etag = object.etag;
        return {key, encode(entry)};
    }
};

ImportSource::ImportSource(block::Store& blocks, const std::vector<ImportPath>& paths,
                           std::function<void()> checkpoint, std::atomic<std::int64_t>& progress)
    : blocks_(blocks), checkpoint_(std::move(checkpoint)), progress_(progress) {
    const std::size_t page = std::clamp(open_objects_max / std::max<std::size_t>(paths.size(), 1),
                                        page_objects_min, page_objects_max);
    for (const ImportPath& path : paths) {
        auto feed = std::make_unique<Feed>();
        feed->number = feeds_.size();
        feed->path = path;
        feed->page_objects = page;
        feed->place = place_of(blocks, path.uri);
        feed->begin = path.destination;
        const bool prefix = path.kind == ImportPath::Kind::prefix;
        if (prefix && !feed->begin.empty() && !feed->begin.ends_with('/')) feed->begin += '/';
        feed->key = feed->begin;
        push(feed.get());
        feeds_.push_back(std::move(feed));
    }
}

ImportSource::~ImportSource() = default;

void ImportSource::push(Feed* feed) {
    heap_.push_back(feed);
    std::ranges::push_heap(heap_, [](Feed* left, Feed* right) { return right->precedes(*left); });
}

ImportSource::Feed* ImportSource::pop() {
    std::ranges::pop_heap(heap_, [](Feed* left, Feed* right) { return right->precedes(*left); });
    Feed* feed = heap_.back();
    heap_.pop_back();
    return feed;
}

// To the next object of a feed, and back among the others if there is one.
Task<void> ImportSource::advance(Feed* feed) {
    if (feed->listed) {
        ++feed->at;
        feed->take_key();
    }
    if (!feed->listed || (feed->at_end() && feed->more)) {
        checkpoint_();
        co_await feed->list(blocks_);
    }
    if (!feed->at_end()) {
        push(feed);
    } else {
        feed->page = {};
    }
}

Task<std::vector<committed::Change>> ImportSource::next() {
    std::vector<committed::Change> changes;
    while (!heap_.empty() && changes.size() < batch_entries) {
        Feed* feed = pop();
        if (!feed->listed) {
            co_await advance(feed);
            continue;
        }
        committed::Change change = feed->change();
        co_await advance(feed);
        while (!heap_.empty() && heap_.front()->key == change.key) {
            Feed* later = pop();
            if (later->listed) change = later->change();
            co_await advance(later);
        }
        changes.push_back(std::move(change));
    }
    progress_ += static_cast<std::int64_t>(changes.size());
    co_return changes;
}

}  // namespace tarn::catalog
