#pragma once

#include <cstddef>
#include <filesystem>
#include <map>
#include <memory>
#include <random>
#include <string>

namespace tarn::kv {

// What a disk would still hold if the power went away now: contents up to the last sync of each
// file, names up to the last sync of each folder.
//
// Shape     Follows one folder, `root`, and all below it; what is there at the start counts as
// synced.
//           Paths are absolute and normal; those outside are ignored.
// Threads   None of its own; its owner locks.
class PowerLossDisk {
public:
    explicit PowerLossDisk(std::filesystem::path root);

    // A file's bytes, and how many of them were synced. It outlives its names.
    struct File {
        std::string bytes;
        std::size_t synced = 0;
    };

    std::shared_ptr<File> create(const std::filesystem::path& path);
    void make_folder(const std::filesystem::path& path);
    void remove(const std::filesystem::path& path);
    void rename(const std::filesystem::path& from, const std::filesystem::path& to);
    void link(const std::filesystem::path& from, const std::filesystem::path& to);
    void sync_folder(const std::filesystem::path& path);

    // Whether the folder holds a name, ending as given, that is new or other than when it was
    // synced.
    bool has_unsynced_name(const std::filesystem::path& folder, std::string_view ending) const;
    bool has_unsynced_folder(const std::filesystem::path& folder) const;

    // Turns the folder on the real disk into what survived. By a coin of `random`, nothing unsynced
    // does, or each unsynced name and a stretch of each unsynced tail may: in any order, which is
    // more than journaling file systems do, but for one order that RocksDB relies on: a rename
    // never survives without the files created before it in its folder.
    void lose(std::mt19937& random) const;

private:
    struct Entry {
        std::shared_ptr<File> file;  // null: a folder
        std::size_t made = 0;        // the how-manieth change of names made it
        bool by_rename = false;

        friend bool operator==(const Entry&, const Entry&) = default;
    };
    struct Folder {
        std::map<std::string, Entry> names;
        std::map<std::string, Entry> synced_names;
    };

    void load(const std::filesystem::path& folder);
    Folder* folder_of(const std::filesystem::path& path);
    std::map<std::string, Entry> survivors(const Folder& folder, bool by_chance,
                                           std::mt19937& random) const;
    void restore(const std::filesystem::path& folder, bool by_chance, std::mt19937& random) const;

    const std::filesystem::path root_;
    std::size_t changes_ = 0;
    std::map<std::filesystem::path, Folder> folders_;
};

}  // namespace tarn::kv
