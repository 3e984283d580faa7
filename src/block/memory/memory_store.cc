#include "block/memory/memory_store.h"

#include <utility>

#include "base/bytes.h"
#include "base/digest.h"
#include "base/error.h"
#include "block/multipart.h"
#include "block/uri.h"

namespace tarn::block {
namespace {

std::string folder_of(const std::string& storage_namespace) {
    const Uri uri = parse_uri(storage_namespace);
    if (uri.scheme != "mem") {
        throw Error(Code::invalid_argument, "'" + storage_namespace + "' is not a mem:// address",
                    "invalid_address");
    }
    std::string folder = uri.host + "/" + uri.key;
    while (folder.ends_with('/')) folder.pop_back();
    return folder + "/";
}

std::string path_of(const Address& address) {
    if (address.key.empty()) {
        throw Error(Code::invalid_argument, "an object needs a key", "invalid_address");
    }
    if (!address.storage_namespace.empty())
        return folder_of(address.storage_namespace) + address.key;
    std::string path = folder_of(address.key);
    path.pop_back();
    return path;
}

Task<std::string> gather(ByteSource& body) {
    std::string bytes;
    for (;;) {
        const Slice slice = co_await body.next();
        if (slice.empty()) co_return bytes;
        bytes += slice.bytes;
    }
}

std::string cut(const std::string& bytes, const std::optional<Range>& range) {
    if (!range) return bytes;
    if (range->first > range->last || range->last >= bytes.size()) {
        throw Error(Code::invalid_argument, "the range lies outside of the object",
                    "invalid_range");
    }
    return bytes.substr(range->first, range->last - range->first + 1);
}

Error no_such_object(const std::string& path) {
    return Error(Code::not_found, "object 'mem://" + path + "' not found", "no_such_object");
}

}  // namespace

MemoryStore::MemoryStore(const Clock& clock)
    : clock_(clock),
      properties_{.type = "mem",
                  .namespace_example = "mem://example-bucket/",
                  .namespace_pattern = "^mem://"} {}

Task<Stat> MemoryStore::put(Address address, ByteSource& body, bool) {
    const std::string path = path_of(address);
    std::string bytes = co_await gather(body);
    co_return keep(path, std::move(bytes), "");
}

Task<std::optional<Opened>> MemoryStore::open(Address address, std::optional<Range> range) {
    const std::optional<Object> object = find(path_of(address));
    if (!object) co_return std::nullopt;
    Opened opened{cut(*object->bytes, range), Stat{object->bytes->size(), object->modified}};
    co_return opened;
}

Task<std::optional<Stat>> MemoryStore::stat(Address address) {
    const std::optional<Object> object = find(path_of(address));
    if (!object) co_return std::nullopt;
    co_return Stat{object->bytes->size(), object->modified};
}

Task<void> MemoryStore::remove(Address address) {
    const std::string path = path_of(address);
    const std::scoped_lock lock(mutex_);
    objects_.erase(path);
    co_return;
}

Task<Stat> MemoryStore::copy(Address from, Address to) {
    const Object source = get(path_of(from));
    co_return keep(path_of(to), *source.bytes, source.etag);
}

Task<ListPage> MemoryStore::list(std::string storage_namespace, std::string prefix,
                                 std::string after, int limit) {
    const std::string folder = folder_of(storage_namespace);
    const std::string whole_prefix = folder + prefix;
    const std::scoped_lock lock(mutex_);
    ListPage page;
    auto it = objects_.lower_bound(whole_prefix);
    if (!after.empty() && folder + after >= whole_prefix) it = objects_.upper_bound(folder + after);
    for (; it != objects_.end() && it->first.starts_with(whole_prefix); ++it) {
        if (page.objects.size() == static_cast<std::size_t>(limit)) {
            page.more = true;
            break;
        }
        page.objects.push_back({it->first.substr(folder.size()), it->second.bytes->size(),
                                it->second.modified, it->second.etag});
    }
    co_return page;
}

Task<std::string> MemoryStore::begin_upload(Address address) {
    std::string id = new_upload_id();
    std::string path = path_of(address);
    const std::scoped_lock lock(mutex_);
    uploads_[id].path = std::move(path);
    co_return id;
}

Task<Part> MemoryStore::put_part(Address address, std::string upload, int number,
                                 ByteSource& body) {
    const std::string path = path_of(address);
    std::string bytes = co_await gather(body);
    co_return keep_part(path, upload, number, std::move(bytes));
}

Task<Part> MemoryStore::copy_part(Address address, std::string upload, int number, Address from,
                                  std::optional<Range> range) {
    const Object source = get(path_of(from));
    co_return keep_part(path_of(address), upload, number, cut(*source.bytes, range));
}

Task<PartPage> MemoryStore::list_parts(Address address, std::string upload, int after, int limit) {
    const std::string path = path_of(address);
    const std::scoped_lock lock(mutex_);
    const Upload& found = get_upload(path, upload);
    PartPage page;
    for (auto it = found.parts.upper_bound(after); it != found.parts.end(); ++it) {
        if (page.parts.size() == static_cast<std::size_t>(limit)) {
            page.more = true;
            break;
        }
        page.parts.push_back(it->second.part);
    }
    co_return page;
}

Task<Completed> MemoryStore::complete_upload(Address address, std::string upload,
                                             std::vector<Part> parts) {
    const std::string path = path_of(address);
    require_ascending(parts);
    const std::string etag = multipart_etag(parts);
    std::string bytes;
    {
        const std::scoped_lock lock(mutex_);
        const auto joined = objects_.find(path);
        if (joined != objects_.end() && joined->second.etag == etag) {
            co_return Completed{etag, {joined->second.bytes->size(), joined->second.modified}};
        }
        const Upload& found = get_upload(path, upload);
        for (const Part& part : parts) {
            const auto it = found.parts.find(part.number);
            if (it == found.parts.end() || it->second.part.etag != part.etag) {
                throw Error(Code::invalid_argument,
                            "part " + std::to_string(part.number) + " was not uploaded so",
                            "invalid_part");
            }
            bytes += *it->second.bytes;
        }
        uploads_.erase(upload);
    }
    co_return Completed{etag, keep(path, std::move(bytes), etag)};
}

Task<void> MemoryStore::abort_upload(Address address, std::string upload) {
    const std::string path = path_of(address);
    const std::scoped_lock lock(mutex_);
    if (const auto it = uploads_.find(upload); it != uploads_.end() && it->second.path == path) {
        uploads_.erase(it);
    }
    co_return;
}

Task<std::string> MemoryStore::presign(Address, bool, std::chrono::seconds) {
    throw Error(Code::unimplemented, "the memory store has no presigned urls");
    co_return std::string();
}

std::string MemoryStore::show(const Address& address) const {
    return "mem://" + path_of(address);
}

std::optional<MemoryStore::Object> MemoryStore::find(const std::string& path) const {
    const std::scoped_lock lock(mutex_);
    const auto it = objects_.find(path);
    if (it == objects_.end()) return std::nullopt;
    return it->second;
}

MemoryStore::Object MemoryStore::get(const std::string& path) const {
    const std::optional<Object> object = find(path);
    if (!object) throw no_such_object(path);
    return *object;
}

Stat MemoryStore::keep(const std::string& path, std::string bytes, std::string etag) {
    if (etag.empty()) etag = to_hex(as_view(md5(bytes)));
    Object object{std::make_shared<const std::string>(std::move(bytes)), clock_.now(),
                  std::move(etag)};
    const Stat stat{object.bytes->size(), object.modified};
    const std::scoped_lock lock(mutex_);
    objects_.insert_or_assign(path, std::move(object));
    return stat;
}

Part MemoryStore::keep_part(const std::string& path, const std::string& upload, int number,
                            std::string bytes) {
    require_part_number(number);
    const Part part{number, to_hex(as_view(md5(bytes))), bytes.size(), clock_.now()};
    const std::scoped_lock lock(mutex_);
    get_upload(path, upload)
        .parts.insert_or_assign(
            number, StoredPart{part, std::make_shared<const std::string>(std::move(bytes))});
    return part;
}

MemoryStore::Upload& MemoryStore::get_upload(const std::string& path, const std::string& upload) {
    const auto it = uploads_.find(upload);
    if (it == uploads_.end() || it->second.path != path) {
        throw Error(Code::not_found, "upload '" + upload + "' not found", "no_such_upload");
    }
    return it->second;
}

}  // namespace tarn::block
