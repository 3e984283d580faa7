#include "block/local/local_store.h"

#include <fcntl.h>

#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <utility>

#include "base/bytes.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/ids.h"
#include "block/lane.h"
#include "block/local/lister.h"
#include "block/local/sources.h"

namespace tarn::block {
namespace {

constexpr std::uint64_t small_bytes_max = BufferPool::small_bytes;     // gathered in memory
constexpr std::uint64_t buffered_bytes_max = BufferPool::large_bytes;  // beyond: O_DIRECT
constexpr std::size_t copy_budget_bytes = 32 * 1024 * 1024;
constexpr int pieces_in_flight_max = 4;
const std::string temporary_folder = std::string(Locator::reserved) + "/tmp";
constexpr std::chrono::hours leftover_age{24};

std::string canonical(const std::string& path) {
    char* const resolved = ::realpath(path.c_str(), nullptr);
    if (resolved == nullptr) {
        throw Error(Code::invalid_argument, "the folder '" + path + "' does not exist");
    }
    std::string result = resolved;
    std::free(resolved);
    return result;
}

LocalOptions canonical(LocalOptions options) {
    options.root = canonical(options.root);
    for (std::string& folder : options.allowed_external_prefixes) {
        while (folder.size() > 1 && folder.ends_with('/')) folder.pop_back();
    }
    return options;
}

// Removes what earlier processes did not finish. Several servers may share the folder: what was
// written to lately may belong to another one.
void empty_temporary_folder(FileSystem& files) {
    for (const std::string& folder : {std::string(Locator::reserved), temporary_folder}) {
        const int result = files.make_folder(folder);
        if (result < 0 && result != -EEXIST) throw_failure(result, "create the folder", folder);
    }
    ListRequest request;
    request.prefix = temporary_folder + "/";
    const Time old = SystemClock().now() - leftover_age;
    for (bool more = true; more;) {
        const ListPage page = list_files(files.root(), request);
        for (const Listed& leftover : page.objects) {
            if (leftover.modified < old) files.remove(leftover.key);
        }
        if (!page.objects.empty()) request.after = page.objects.back().key;
        more = page.more;
    }
}

}  // namespace

LocalStore::LocalStore(LocalOptions options, Workers& workers)
    : LocalStore(options, workers, open_file_system(options.root)) {}

LocalStore::LocalStore(LocalOptions options, Workers& workers, std::unique_ptr<FileSystem> files)
    : options_(canonical(std::move(options))),
      properties_{.type = "local",
                  .namespace_example = "local://example-bucket/",
                  .namespace_pattern = "^local://",
                  .import = options_.import_enabled},
      workers_(workers),
      files_(std::move(files)),
      locator_(options_.root, options_.allowed_external_prefixes),
      disk_(*files_, options_.free_bytes_min),
      pool_(copy_budget_bytes),
      group_(*files_) {
    empty_temporary_folder(*files_);
}

LocalStore::~LocalStore() = default;

std::string LocalStore::writable_path(const Address& address) const {
    Location location = locator_.locate(address);
    if (!location.external.empty()) {
        throw Error(
            Code::invalid_argument,
            "'" + locator_.show(address) + "' lies outside of the store, which only reads it",
            "invalid_address");
    }
    return std::move(location.path);
}

std::string LocalStore::temporary_path() const {
    return temporary_folder + "/" + to_hex(random_bytes(16));
}

Task<Stat> LocalStore::put(Address address, ByteSource& body, bool fresh) {
    std::string path = writable_path(address);
    if (fresh) co_return co_await create(std::move(path), body);
    co_return co_await replace(std::move(path), body);
}

Task<Stat> LocalStore::replace(std::string path, ByteSource& body) {
    const std::string temporary = temporary_path();
    const Stat stat = co_await create(temporary, body);
    co_await move(temporary, std::move(path));
    co_return stat;
}

Task<void> LocalStore::move(std::string from, std::string to) {
    std::exception_ptr failure;
    try {
        co_await group_.run([this, &from, &to] { disk_.rename(from, to); });
    } catch (...) {
        failure = std::current_exception();
    }
    if (!failure) co_return;
    co_await workers_.offload([this, &from] { files_->remove(from); });
    std::rethrow_exception(failure);
}

Task<Stat> LocalStore::create(std::string path, ByteSource& body) {
    const std::optional<std::uint64_t> size = body.size();
    if (size) disk_.require_space(*size);
    Slice first;
    Slice second;
    if (!size || *size <= buffered_bytes_max) {
        first = co_await body.next();
        if (!first.empty()) second = co_await body.next();
        if (second.empty()) co_return co_await create_whole(std::move(path), std::move(first));
    }
    if (!size || *size > small_bytes_max) {
        co_return co_await create_streaming(std::move(path), std::move(first), std::move(second),
                                            body);
    }
    const auto gathered = std::make_shared<std::string>();
    *gathered += first.bytes;
    first = Slice{};
    while (!second.empty()) {
        *gathered += second.bytes;
        second = co_await body.next();
    }
    Slice whole{gathered, *gathered};
    co_return co_await create_whole(std::move(path), std::move(whole));
}

Task<Stat> LocalStore::create_whole(std::string path, Slice bytes) {
    struct Change {
        LocalStore& store;
        const std::string& path;
        std::string_view bytes;
        Stat stat{};
        bool done = false;

        void make() {
            bool direct = false;
            const File file(store.disk_.create(path, direct));
            const int result = store.files_->write(file.descriptor(), bytes, 0);
            if (result < 0) {
                store.files_->remove(path);
                throw_failure(result, "write", path);
            }
            stat = stat_of(file.descriptor(), path);
            done = true;
        }
    };
    Change change{*this, path, bytes.bytes};
    std::exception_ptr failure;
    try {
        co_await group_.run([&change] { change.make(); });
    } catch (...) {
        failure = std::current_exception();
    }
    if (!failure) co_return change.stat;
    if (change.done) co_await workers_.offload([this, &path] { files_->remove(path); });
    std::rethrow_exception(failure);
}

Task<Stat> LocalStore::create_streaming(std::string path, Slice first, Slice second,
                                        ByteSource& body) {
    const bool direct = body.size().value_or(buffered_bytes_max + 1) > buffered_bytes_max;
    const std::uint64_t failures_before = group_.failures();
    const auto writer = std::make_shared<FileWriter>(disk_, aligned_, std::move(path), direct);
    Lane lane(workers_, pieces_in_flight_max);
    std::exception_ptr failure;
    try {
        co_await pump(lane, writer, std::move(first), std::move(second), body);
        co_await lane.push([writer, direct] { writer->finish(direct); });
        co_await lane.finish();
        if (!direct) co_await group_.run([] {}, failures_before);
    } catch (...) {
        failure = std::current_exception();
    }
    if (!failure) co_return writer->stat();
    co_await lane.drain();
    co_await workers_.offload([&writer] { writer->discard(); });
    std::rethrow_exception(failure);
}

Task<void> LocalStore::pump(Lane& lane, std::shared_ptr<FileWriter> writer, Slice first,
                            Slice second, ByteSource& body) {
    const std::optional<std::uint64_t> size = body.size();
    co_await lane.push([writer, size] { writer->open(size); });
    Slice slice = std::move(first);
    if (slice.empty()) slice = co_await body.next();
    while (!slice.empty()) {
        co_await lane.push([writer, slice] { writer->write(slice.bytes); });
        slice = std::exchange(second, Slice{});
        if (slice.empty()) slice = co_await body.next();
    }
}

Task<bool> LocalStore::clone(std::string path, const OpenFile& from, Stat& stat) {
    const int descriptor = from.file->descriptor();
    const std::string name = std::move(path);
    co_return co_await workers_.offload([this, &name, &stat, descriptor] {
        FileWriter writer(disk_, aligned_, name, false);
        writer.open(std::nullopt);
        const bool cloned = files_->clone(descriptor, writer.descriptor()) == 0;
        if (cloned) {
            writer.finish(true);
            stat = writer.stat();
        } else {
            writer.discard();
        }
        return cloned;
    });
}

Task<Stat> LocalStore::copy(Address from, Address to) {
    const std::string path = writable_path(to);
    const OpenFile source = co_await get_file(std::move(from));
    const std::string temporary = temporary_path();
    Stat stat;
    bool cloned = false;
    if (source.stat.size_bytes > buffered_bytes_max) {
        cloned = co_await clone(temporary, source, stat);
    }
    if (!cloned) {
        FilesSource body(workers_, pool_, {{0, source.stat.size_bytes}},
                         [&source](std::size_t) { return source.file; });
        stat = co_await create(temporary, body);
    }
    co_await move(temporary, path);
    co_return stat;
}

Task<void> LocalStore::remove(Address address) {
    const std::string path = writable_path(address);
    const int result = co_await workers_.offload([this, &path] { return files_->remove(path); });
    if (result != -ENOENT && result != -ENOTDIR && result != -EISDIR) {
        require(result, "remove", path);
    }
}

Task<ListPage> LocalStore::list(std::string storage_namespace, std::string prefix,
                                std::string after, int limit) {
    const Location location = locator_.locate_folder(storage_namespace);
    ListRequest request{std::move(prefix), std::move(after), limit};
    request.digests = storage_namespace.starts_with("local:///");
    if (location.external.empty() && location.path.empty()) request.hidden = Locator::reserved;
    const auto list_it = [this, &location, &request] {
        const int folder = open_location(location, O_RDONLY | O_DIRECTORY, false);
        if (folder == -ENOENT || folder == -ENOTDIR) return ListPage{};
        const File closing(require(folder, "list", location.path));
        return list_files(folder, request);
    };
    co_return co_await workers_.offload(list_it);
}

Task<std::string> LocalStore::presign(Address, bool, std::chrono::seconds) {
    throw Error(Code::unimplemented, "the local store has no presigned urls");
    co_return std::string();
}

std::string LocalStore::show(const Address& address) const {
    return locator_.show(address);
}

}  // namespace tarn::block
