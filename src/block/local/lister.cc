#include "block/local/lister.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <memory>
#include <optional>
#include <utility>

#include "base/bytes.h"
#include "base/digest.h"
#include "block/local/file_system.h"
#include "block/local/file_writer.h"
#include "block/local/location.h"

namespace tarn::block {
namespace {

constexpr std::size_t digest_bytes = 256 * 1024;
// A page ends early when so much had to be read for its digests: listing comes to no standstill.
constexpr std::uint64_t page_digest_bytes_max = 256 * 1024 * 1024;

struct CloseFolder {
    void operator()(DIR* folder) const { ::closedir(folder); }
};
using OpenFolder = std::unique_ptr<DIR, CloseFolder>;

// A name in a folder; that of a subfolder ends with a slash, because so it sorts among the keys.
struct Child {
    std::string name;
    bool is_folder = false;
};

class Walk {
public:
    explicit Walk(const ListRequest& request) : request_(request) {}

    // Visits an open folder, which it closes; `base` is its key with a slash at the end, or empty.
    void visit(int descriptor, const std::string& base) {
        const OpenFolder folder(::fdopendir(descriptor));
        if (!folder) throw_failure(-errno, "list", base);
        std::string passed;
        bool all = false;
        while (!all && !page_.more) {
            all = read_children(folder.get(), base, passed);
            const std::vector<Child> children = std::exchange(children_, {});
            if (!all) passed = children.back().name;
            for (const Child& child : children) {
                if (child.is_folder) {
                    enter(descriptor, child, base);
                } else {
                    add(descriptor, child, base + child.name);
                }
                if (page_.more) return;
            }
        }
    }

    ListPage take() { return std::move(page_); }

private:
    // Reads the children behind the name `passed` that may matter into children_, in order: as many
    // as a page may take, whatever the folder's size. False when there are more of them.
    bool read_children(DIR* folder, const std::string& base, const std::string& passed) {
        const std::size_t wanted = static_cast<std::size_t>(request_.limit) + 1;
        bool all = true;
        children_.clear();
        ::rewinddir(folder);
        for (errno = 0; const dirent* found = ::readdir(folder); errno = 0) {
            std::optional<Child> child = child_of(folder, *found, base);
            if (!child || child->name <= passed) continue;
            children_.push_back(std::move(*child));
            if (children_.size() < 2 * wanted) continue;
            all = false;
            std::ranges::nth_element(children_, children_.begin() + static_cast<long>(wanted), {},
                                     &Child::name);
            children_.resize(wanted);
        }
        if (errno != 0) throw_failure(-errno, "list", base);
        std::ranges::sort(children_, {}, &Child::name);
        if (!all && children_.size() > wanted) children_.resize(wanted);
        return all;
    }

    // What a folder's entry is, if it may belong on the page.
    std::optional<Child> child_of(DIR* folder, const dirent& found, const std::string& base) const {
        const std::string_view name = found.d_name;
        if (name == "." || name == ".." || (base.empty() && name == request_.hidden)) {
            return std::nullopt;
        }
        unsigned char type = found.d_type;
        if (type == DT_UNKNOWN) type = type_of(::dirfd(folder), found.d_name);
        Child child{std::string(name), type == DT_DIR};
        if (child.is_folder) child.name += '/';
        const std::string key = base + child.name;
        const bool matters = child.is_folder ? may_hold(key) : type == DT_REG && is_wanted(key);
        if (!matters) return std::nullopt;
        return child;
    }

    static unsigned char type_of(int folder, const char* name) {
        struct stat facts = {};
        if (::fstatat(folder, name, &facts, AT_SYMLINK_NOFOLLOW) < 0) return DT_UNKNOWN;
        return S_ISDIR(facts.st_mode) ? DT_DIR : S_ISREG(facts.st_mode) ? DT_REG : DT_UNKNOWN;
    }

    bool is_wanted(std::string_view key) const {
        return key.starts_with(request_.prefix) && key > request_.after;
    }

    bool may_hold(std::string_view key) const {
        const std::string_view prefix = request_.prefix;
        if (!key.starts_with(prefix) && !prefix.starts_with(key)) return false;
        return key > request_.after || request_.after.starts_with(key);
    }

    void enter(int folder, const Child& child, const std::string& base) {
        const std::string name = child.name.substr(0, child.name.size() - 1);
        const int descriptor = open_beneath(folder, name, O_RDONLY | O_DIRECTORY, false);
        if (descriptor == -ENOENT || descriptor == -ENOTDIR || descriptor == -ELOOP) return;
        visit(require(descriptor, "list", name), base + child.name);
    }

    void add(int folder, const Child& child, std::string key) {
        if (page_.objects.size() == static_cast<std::size_t>(request_.limit) ||
            digested_bytes_ > page_digest_bytes_max) {
            page_.more = true;
            return;
        }
        const int flags = request_.digests ? O_RDONLY | O_NONBLOCK : O_PATH;
        const int descriptor = open_beneath(folder, child.name, flags, false);
        if (descriptor == -ENOENT || descriptor == -ELOOP) return;  // gone meanwhile
        const File file(require(descriptor, "examine", key));
        const Stat stat = stat_of(descriptor, key);
        if (request_.digests) digested_bytes_ += stat.size_bytes;
        page_.objects.push_back({std::move(key), stat.size_bytes, stat.modified,
                                 request_.digests ? md5_of_file(descriptor) : std::string()});
    }

    const ListRequest& request_;
    ListPage page_;
    std::vector<Child> children_;
    std::uint64_t digested_bytes_ = 0;
};

}  // namespace

ListPage list_files(int folder, const ListRequest& request) {
    const std::size_t slash = request.prefix.rfind('/');
    const std::string start =
        slash == std::string::npos ? std::string() : request.prefix.substr(0, slash);
    if (slash != std::string::npos && !fault_of_path(start).empty()) return {};
    const int descriptor = open_beneath(folder, start, O_RDONLY | O_DIRECTORY, false);
    if (descriptor == -ENOENT || descriptor == -ENOTDIR) return {};
    Walk walk(request);
    walk.visit(require(descriptor, "list", start), start.empty() ? start : start + "/");
    return walk.take();
}

std::string md5_of_file(int file) {
    Md5 digest;
    std::string buffer(digest_bytes, '\0');
    for (off_t offset = 0;;) {
        const ssize_t got = ::pread(file, buffer.data(), buffer.size(), offset);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) throw_failure(-errno, "read", "a file");
        if (got == 0) return to_hex(as_view(digest.finish()));
        digest.update({buffer.data(), static_cast<std::size_t>(got)});
        offset += got;
    }
}

}  // namespace tarn::block
