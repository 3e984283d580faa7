// Multipart uploads of the local store: parts are files beside the namespace's folders, under the
// names that lakeFS gives them.

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/xattr.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "base/bytes.h"
#include "base/error.h"
#include "block/digesting_source.h"
#include "block/local/lister.h"
#include "block/local/local_store.h"
#include "block/local/sources.h"
#include "block/multipart.h"

namespace tarn::block {
namespace {

constexpr std::size_t upload_id_size = 32;
constexpr std::size_t md5_hex_size = 32;
// Remembers the MD5 of a part; where it is missing, the part is read again.
constexpr const char* digest_attribute = "user.tarn.md5";
// Tells of a joined object which parts it was made of.
constexpr const char* etag_attribute = "user.tarn.etag";
constexpr int names_a_page = 1000;

std::string part_path(const std::string& folder, const std::string& upload, int number) {
    return fmt::format("{}/{}-{:05}", folder, upload, number);
}

Error no_such_upload(const std::string& upload) {
    return Error(Code::not_found, "upload '" + upload + "' not found", "no_such_upload");
}

std::string digest_of(int file) {
    std::string digest(md5_hex_size, '\0');
    const ssize_t size = ::fgetxattr(file, digest_attribute, digest.data(), digest.size());
    if (size == static_cast<ssize_t>(md5_hex_size)) return digest;
    return md5_of_file(file);
}

bool has_etag(int file, const std::string& etag) {
    std::string found(etag.size(), '\0');
    const ssize_t size = ::fgetxattr(file, etag_attribute, found.data(), found.size());
    return size == static_cast<ssize_t>(etag.size()) && found == etag;
}

// Throws what is wrong with the parts that are to be joined.
void require_stored(const std::string& upload, const std::vector<Part>& parts,
                    const std::vector<Part>& stored, bool any) {
    if (!any) throw no_such_upload(upload);
    for (std::size_t i = 0; i < parts.size(); ++i) {
        if (i < stored.size() && stored[i].number == parts[i].number &&
            stored[i].etag == parts[i].etag) {
            continue;
        }
        throw Error(Code::invalid_argument,
                    "part " + std::to_string(parts[i].number) + " was not uploaded so",
                    "invalid_part");
    }
}

}  // namespace

std::string LocalStore::part_folder(const Address& address, const std::string& upload) const {
    if (upload.size() != upload_id_size || !from_hex(upload)) throw no_such_upload(upload);
    if (address.storage_namespace.empty()) {
        throw Error(Code::invalid_argument, "an upload needs an address within a namespace",
                    "invalid_address");
    }
    writable_path(address);
    const Location location = locator_.locate_folder(address.storage_namespace);
    if (!location.external.empty() || location.path.empty()) {
        throw Error(Code::invalid_argument, "an upload needs a namespace of the store",
                    "invalid_address");
    }
    return location.path;
}

Task<std::string> LocalStore::begin_upload(Address address) {
    std::string upload = new_upload_id();
    part_folder(address, upload);
    co_return upload;
}

Task<Part> LocalStore::put_part(Address address, std::string upload, int number, ByteSource& body) {
    co_return co_await store_part(address, std::move(upload), number, body);
}

Task<Part> LocalStore::copy_part(Address address, std::string upload, int number, Address from,
                                 std::optional<Range> range) {
    const OpenFile source = co_await get_file(std::move(from));
    FilesSource::Stretch stretch{0, source.stat.size_bytes};
    if (range) {
        if (range->first > range->last || range->last >= source.stat.size_bytes) {
            throw Error(Code::invalid_argument, "the range lies outside of the object",
                        "invalid_range");
        }
        stretch = {range->first, range->last - range->first + 1};
    }
    FilesSource body(workers_, pool_, {stretch}, [&source](std::size_t) { return source.file; });
    co_return co_await store_part(address, std::move(upload), number, body);
}

Task<Part> LocalStore::store_part(const Address& address, std::string upload, int number,
                                  ByteSource& body) {
    require_part_number(number);
    const std::string path = part_path(part_folder(address, upload), upload, number);
    const std::string temporary = temporary_path();
    DigestingSource digested(workers_, body);
    std::exception_ptr failure;
    Stat stat;
    try {
        stat = co_await create(temporary, digested);
    } catch (...) {
        failure = std::current_exception();
    }
    co_await digested.finish();
    if (failure) std::rethrow_exception(failure);
    const Part part{number, digested.hex_digest(), stat.size_bytes, stat.modified};
    co_await label(temporary, digest_attribute, part.etag);
    co_await move(temporary, path);
    co_return part;
}

Task<void> LocalStore::label(std::string path, const char* attribute, std::string value) {
    co_await workers_.offload([this, &path, attribute, &value] {
        const int file = open_beneath(files_->root(), path, O_RDONLY, false);
        const File closing(require(file, "open", path));
        ::fsetxattr(file, attribute, value.data(), value.size(), 0);
    });
}

Task<PartPage> LocalStore::list_parts(Address address, std::string upload, int after, int limit) {
    const std::string folder = part_folder(address, upload);
    const auto read = [this, &folder, &upload, after, limit] {
        std::vector<int> numbers = part_numbers(folder, upload);
        numbers.erase(numbers.begin(), std::ranges::upper_bound(numbers, after));
        PartPage page;
        page.more = numbers.size() > static_cast<std::size_t>(limit);
        if (page.more) numbers.resize(static_cast<std::size_t>(limit));
        page.parts = read_parts(folder, upload, std::move(numbers));
        return page;
    };
    co_return co_await workers_.offload(read);
}

Task<Completed> LocalStore::complete_upload(Address address, std::string upload,
                                            std::vector<Part> parts) {
    const std::string folder = part_folder(address, upload);
    const std::string path = writable_path(address);
    require_ascending(parts);
    std::string etag = multipart_etag(parts);
    Stat stat;
    const bool joined = co_await workers_.offload(
        [this, &path, &etag, &stat] { return was_joined(path, etag, stat); });
    if (!joined) stat = co_await join(folder, upload, path, parts, etag);
    co_await workers_.offload([this, &folder, &upload] { remove_parts(folder, upload); });
    co_return Completed{std::move(etag), stat};
}

// Whether an earlier attempt has made the object, and ended before it could say so.
bool LocalStore::was_joined(const std::string& path, const std::string& etag, Stat& stat) const {
    const int descriptor = open_beneath(files_->root(), path, O_RDONLY, false);
    if (descriptor == -ENOENT) return false;
    const File file(require(descriptor, "open", path));
    stat = stat_of(descriptor, path);
    return has_etag(descriptor, etag);
}

Task<Stat> LocalStore::join(std::string folder, std::string upload, std::string path,
                            std::vector<Part> parts, std::string etag) {
    std::vector<int> numbers;
    for (const Part& part : parts) numbers.push_back(part.number);
    std::vector<FilesSource::Stretch> stretches;
    co_await workers_.offload([&] {
        const bool any = !part_numbers(folder, upload).empty();
        const std::vector<Part> stored = read_parts(folder, upload, numbers);
        require_stored(upload, parts, stored, any);
        for (const Part& part : stored) stretches.push_back({0, part.size_bytes});
    });
    FilesSource body(workers_, pool_, std::move(stretches),
                     [this, &folder, &upload, &numbers](std::size_t part) {
                         return open_part(folder, upload, numbers[part]);
                     });
    const std::string temporary = temporary_path();
    const Stat stat = co_await create(temporary, body);
    co_await label(temporary, etag_attribute, std::move(etag));
    co_await move(temporary, std::move(path));
    co_return stat;
}

Task<void> LocalStore::abort_upload(Address address, std::string upload) {
    const std::string folder = part_folder(address, upload);
    co_await workers_.offload([this, &folder, &upload] { remove_parts(folder, upload); });
}

std::vector<int> LocalStore::part_numbers(const std::string& folder,
                                          const std::string& upload) const {
    ListRequest request;
    request.prefix = folder + "/" + upload + "-";
    request.limit = names_a_page;
    std::vector<int> numbers;
    for (bool more = true; more;) {
        const ListPage page = list_files(files_->root(), request);
        for (const Listed& found : page.objects) {
            const auto number = parse_decimal(found.key.substr(request.prefix.size()));
            if (number && *number >= 1 && *number <= part_number_max) {
                numbers.push_back(static_cast<int>(*number));
            }
        }
        if (!page.objects.empty()) request.after = page.objects.back().key;
        more = page.more;
    }
    std::ranges::sort(numbers);
    return numbers;
}

std::vector<Part> LocalStore::read_parts(const std::string& folder, const std::string& upload,
                                         std::vector<int> numbers) const {
    std::vector<Part> parts;
    for (const int number : numbers) {
        const std::string path = part_path(folder, upload, number);
        const int descriptor = open_beneath(files_->root(), path, O_RDONLY, false);
        if (descriptor == -ENOENT) break;
        const File file(require(descriptor, "open", path));
        const Stat stat = stat_of(descriptor, path);
        parts.push_back({number, digest_of(descriptor), stat.size_bytes, stat.modified});
    }
    return parts;
}

std::shared_ptr<const File> LocalStore::open_part(const std::string& folder,
                                                  const std::string& upload, int number) const {
    const std::string path = part_path(folder, upload, number);
    const int descriptor = open_beneath(files_->root(), path, O_RDONLY, false);
    return std::make_shared<const File>(require(descriptor, "open", path));
}

void LocalStore::remove_parts(const std::string& folder, const std::string& upload) {
    for (const int number : part_numbers(folder, upload)) {
        files_->remove(part_path(folder, upload, number));
    }
}

}  // namespace tarn::block
