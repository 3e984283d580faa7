#include "committed/internal/disk_cache.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <system_error>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "base/digest.h"
#include "base/ids.h"
#include "base/log.h"

namespace tarn::committed {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view temporary_prefix = "tmp-";
constexpr std::size_t verify_bytes = 1024 * 1024;

template <class Integer>
bool parse_number(std::string_view text, Integer& value, int base) {
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, base);
    return error == std::errc() && end == text.data() + text.size();
}

bool write_whole(int descriptor, std::string_view bytes) {
    while (!bytes.empty()) {
        const ssize_t done = ::write(descriptor, bytes.data(), bytes.size());
        if (done < 0 && errno == EINTR) continue;
        if (done <= 0) return false;
        bytes.remove_prefix(static_cast<std::size_t>(done));
    }
    return true;
}

bool is_intact(int descriptor, std::uint64_t size, std::uint32_t expected) {
    std::string buffer(verify_bytes, '\0');
    std::uint32_t crc = 0;
    std::uint64_t done = 0;
    for (;;) {
        const ssize_t got =
            pread(descriptor, buffer.data(), buffer.size(), static_cast<off_t>(done));
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return false;
        if (got == 0) return done == size && crc == expected;
        crc = crc32c(crc, {buffer.data(), static_cast<std::size_t>(got)});
        done += static_cast<std::uint64_t>(got);
    }
}

// Removes a file that did not get its final name; else there is nothing to remove.
class Unfinished {
public:
    explicit Unfinished(fs::path path) : path_(std::move(path)) {}
    ~Unfinished() { ::unlink(path_.c_str()); }
    Unfinished(const Unfinished&) = delete;
    Unfinished& operator=(const Unfinished&) = delete;

private:
    fs::path path_;
};

}  // namespace

DiskCache::DiskCache(fs::path folder, std::uint64_t budget_bytes, Workers& workers)
    : folder_(std::move(folder)), budget_bytes_(budget_bytes), workers_(workers) {
    scan();
    make_room();
}

// Takes up what an earlier process left, the latest written as the latest used.
void DiskCache::scan() {
    std::error_code error;
    fs::create_directories(folder_, error);
    std::vector<std::pair<fs::file_time_type, Kept>> found;
    for (const auto& file : fs::directory_iterator(folder_, error)) {
        const std::string name = file.path().filename();
        const std::size_t crc_at = name.rfind('-');
        const std::size_t size_at =
            crc_at == std::string::npos ? crc_at : name.rfind('-', crc_at - 1);
        Kept kept{{}, 0, 0, false};
        if (size_at != std::string::npos && !name.starts_with(temporary_prefix) &&
            parse_number(std::string_view(name).substr(crc_at + 1), kept.crc, 16) &&
            parse_number(std::string_view(name).substr(size_at + 1, crc_at - size_at - 1),
                         kept.size, 10)) {
            kept.name = name.substr(0, size_at);
            found.emplace_back(file.last_write_time(error), std::move(kept));
        } else {
            fs::remove(file.path(), error);
        }
    }
    std::ranges::sort(found, {}, [](const auto& pair) { return pair.first; });
    for (auto& [_, kept] : found) keep(std::move(kept));
}

fs::path DiskCache::path_of(const Kept& kept) const {
    return folder_ / fmt::format("{}-{}-{:08x}", kept.name, kept.size, kept.crc);
}

std::uint64_t DiskCache::bytes() const {
    const std::lock_guard lock(mutex_);
    return bytes_;
}

void DiskCache::forget(std::unordered_map<std::string, Order::iterator>::iterator found) {
    const Kept& kept = *found->second;
    bytes_ -= kept.size;
    ::unlink(path_of(kept).c_str());
    order_.erase(found->second);
    index_.erase(found);
}

void DiskCache::make_room() {
    const std::lock_guard lock(mutex_);
    while (bytes_ > budget_bytes_) forget(index_.find(order_.back().name));
}

void DiskCache::keep(Kept kept) {
    const std::lock_guard lock(mutex_);
    const auto found = index_.find(kept.name);
    if (found != index_.end()) {
        bytes_ -= found->second->size;
        order_.erase(found->second);
        index_.erase(found);
    }
    bytes_ += kept.size;
    order_.push_front(std::move(kept));
    index_.emplace(order_.front().name, order_.begin());
}

void DiskCache::remove(const std::string& name) {
    const std::lock_guard lock(mutex_);
    const auto found = index_.find(name);
    if (found != index_.end()) forget(found);
}

std::optional<DiskCache::Kept> DiskCache::look_up(const std::string& name) {
    const std::lock_guard lock(mutex_);
    const auto found = index_.find(name);
    if (found == index_.end()) return std::nullopt;
    order_.splice(order_.begin(), order_, found->second);
    return *found->second;
}

std::optional<FileRange> DiskCache::open(const Kept& kept) {
    const int descriptor = ::open(path_of(kept).c_str(), O_RDONLY | O_CLOEXEC);
    if (descriptor < 0) return std::nullopt;
    FileRange range{std::make_shared<File>(descriptor), 0, kept.size};
    if (kept.verified) return range;
    if (!is_intact(descriptor, kept.size, kept.crc)) return std::nullopt;
    const std::lock_guard lock(mutex_);
    const auto found = index_.find(kept.name);
    if (found != index_.end()) found->second->verified = true;
    return range;
}

Task<std::optional<FileRange>> DiskCache::find(std::string name) {
    const std::optional<Kept> kept = look_up(name);
    if (!kept) co_return std::nullopt;
    std::optional<FileRange> range =
        co_await workers_.offload([this, &kept] { return open(*kept); });
    if (!range) {
        log::warning("cached file '{}' is damaged and will be fetched again", name);
        remove(name);
    }
    co_return range;
}

Task<std::optional<FileRange>> DiskCache::fill(std::string name, ByteSource& source) {
    const fs::path temporary =
        folder_ / fmt::format("{}{}", temporary_prefix, to_hex(random_bytes(12)));
    const int descriptor = ::open(temporary.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (descriptor < 0) co_return std::nullopt;
    const auto file = std::make_shared<File>(descriptor);
    const Unfinished unfinished(temporary);
    Kept kept{name, 0, 0, true};
    for (;;) {
        const Slice slice = co_await source.next();
        if (slice.empty()) break;
        const bool written = co_await workers_.offload([&] {
            kept.crc = crc32c(kept.crc, slice.bytes);
            return write_whole(descriptor, slice.bytes);
        });
        if (!written) co_return std::nullopt;
        kept.size += slice.bytes.size();
    }
    if (::rename(temporary.c_str(), path_of(kept).c_str()) != 0) co_return std::nullopt;
    const FileRange range{file, 0, kept.size};
    keep(std::move(kept));
    make_room();
    co_return range;
}

}  // namespace tarn::committed
