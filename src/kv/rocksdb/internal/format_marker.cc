#include "kv/rocksdb/internal/format_marker.h"

#include <fmt/format.h>
#include <rocksdb/file_system.h>

#include <algorithm>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/error.h"
#include "kv/rocksdb/internal/status.h"

namespace tarn::kv::rocks {
namespace {

using Names = std::vector<std::string>;
const rocksdb::IOOptions io;
constexpr std::string_view marker_prefix = "tarn-kv ";

std::string marker_path(const std::filesystem::path& folder) {
    return folder / format_marker_name;
}
std::string unfinished_path(const std::filesystem::path& folder) {
    return marker_path(folder) + ".new";
}

bool contains(const Names& names, std::string_view name) {
    return std::find(names.begin(), names.end(), name) != names.end();
}

// The names in the folder; nothing counts that says nothing about who lives there.
Names names_in(rocksdb::FileSystem& files, const std::filesystem::path& folder) {
    Names names;
    if (files.FileExists(folder, io, nullptr).IsNotFound()) return names;
    require(files.GetChildren(folder, io, &names, nullptr), "list its folder");
    const std::string unfinished = std::string(format_marker_name) + ".new";
    std::erase_if(names, [&](const std::string& name) {
        return name == "." || name == ".." || name == "lost+found" || name == unfinished;
    });
    return names;
}

bool is_badger(const Names& names) {
    if (contains(names, "KEYREGISTRY")) return true;
    if (contains(names, "MANIFEST") && !contains(names, "CURRENT")) return true;
    return std::any_of(names.begin(), names.end(),
                       [](const std::string& name) { return name.ends_with(".vlog"); });
}

void check_version(rocksdb::FileSystem& files, const std::filesystem::path& folder) {
    const std::string path = marker_path(folder);
    std::string text;
    require(rocksdb::ReadFileToString(&files, path, &text), "read its format marker");
    if (text.starts_with(marker_prefix) && text.ends_with('\n')) {
        const auto version = parse_decimal(std::string_view(text).substr(
            marker_prefix.size(), text.size() - marker_prefix.size() - 1));
        if (version && *version >= 1 && *version <= format_version) return;
        if (version && *version > format_version) {
            throw Error(
                Code::unimplemented,
                fmt::format("'{}' has format {}, written by a newer Tarn; this one reads up to {}",
                            folder.string(), *version, format_version));
        }
    }
    throw Error(Code::corrupted, fmt::format("'{}' is no format marker of Tarn", path));
}

// Makes the folder and what is missing above it.
void make_folder(rocksdb::FileSystem& files, const std::filesystem::path& folder) {
    const std::filesystem::path parent = folder.parent_path();
    if (!files.FileExists(folder, io, nullptr).IsNotFound()) return;
    if (parent != folder && !parent.empty()) make_folder(files, parent);
    require(files.CreateDirIfMissing(folder, io, nullptr), "make its folder");
}

// An earlier start may have made folders and died before their names were durable, so all are
// synced; those that may not be opened were not made by us.
void sync_ancestors(rocksdb::FileSystem& files, const std::filesystem::path& folder) {
    for (auto at = folder; at.has_parent_path() && at.parent_path() != at;) {
        at = at.parent_path();
        std::unique_ptr<rocksdb::FSDirectory> directory;
        if (!files.NewDirectory(at, io, &directory, nullptr).ok()) return;
        require(directory->FsyncWithDirOptions(io, nullptr, rocksdb::DirFsyncOptions()),
                "sync the folders above it");
    }
}

}  // namespace

void sync_folder(rocksdb::FileSystem& files, const std::filesystem::path& folder) {
    std::unique_ptr<rocksdb::FSDirectory> directory;
    require(files.NewDirectory(folder, io, &directory, nullptr), "open its folder");
    require(directory->FsyncWithDirOptions(io, nullptr, rocksdb::DirFsyncOptions()),
            "sync its folder");
}

void write_marker(rocksdb::FileSystem& files, const std::filesystem::path& folder) {
    const std::string unfinished = unfinished_path(folder);
    std::unique_ptr<rocksdb::FSWritableFile> file;
    require(files.NewWritableFile(unfinished, rocksdb::FileOptions(), &file, nullptr),
            "create its format marker");
    const std::string text = fmt::format("{}{}\n", marker_prefix, format_version);
    require(file->Append(text, io, nullptr), "write its format marker");
    require(file->Sync(io, nullptr), "sync its format marker");
    require(file->Close(io, nullptr), "close its format marker");
    require(files.RenameFile(unfinished, marker_path(folder), io, nullptr),
            "name its format marker");
    sync_folder(files, folder);
}

void claim_folder(rocksdb::FileSystem& files, const std::filesystem::path& folder) {
    auto whole = std::filesystem::absolute(folder).lexically_normal();
    if (!whole.has_filename()) whole = whole.parent_path();  // a slash at the end
    const Names names = names_in(files, whole);
    if (contains(names, format_marker_name)) return check_version(files, whole);
    if (is_badger(names)) {
        throw Error(
            Code::invalid_argument,
            fmt::format("'{}' holds the Badger database of a lakeFS server, which Tarn does not "
                        "read; choose another folder (nothing was written)",
                        folder.string()));
    }
    if (!names.empty()) {
        throw Error(Code::invalid_argument,
                    fmt::format("'{}' is not empty and has no {}: it is no store of Tarn, or an "
                                "unfinished backup (nothing was written)",
                                folder.string(), format_marker_name));
    }
    make_folder(files, whole);
    sync_ancestors(files, whole);
    write_marker(files, whole);
}

}  // namespace tarn::kv::rocks
