#include "kv/testing/power_loss_disk.h"

#include <algorithm>
#include <fstream>
#include <iterator>
#include <set>
#include <utility>

namespace tarn::kv {
namespace {

std::string read_file(const std::filesystem::path& path) {
    std::ifstream in(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

// What is left of a file: the synced bytes and, by chance, a stretch of the rest, the last byte of
// which may be wrong.
std::string left_of(const PowerLossDisk::File& file, bool by_chance, std::mt19937& random) {
    const std::size_t unsynced = file.bytes.size() - file.synced;
    std::size_t kept = file.synced;
    if (by_chance && unsynced > 0) kept += random() % (unsynced + 1);
    std::string bytes = file.bytes.substr(0, kept);
    if (kept > file.synced && random() % 2 == 0) bytes.back() = static_cast<char>(random());
    return bytes;
}

}  // namespace

PowerLossDisk::PowerLossDisk(std::filesystem::path root) : root_(std::move(root)) {
    load(root_);
}

void PowerLossDisk::load(const std::filesystem::path& folder) {
    Folder& loaded = folders_[folder];
    for (const auto& entry : std::filesystem::directory_iterator(folder)) {
        const std::string name = entry.path().filename();
        if (entry.is_directory()) {
            loaded.names[name] = {};
            load(entry.path());
        } else {
            auto file = std::make_shared<File>();
            file->bytes = read_file(entry.path());
            file->synced = file->bytes.size();
            loaded.names[name].file = std::move(file);
        }
    }
    loaded.synced_names = loaded.names;
}

PowerLossDisk::Folder* PowerLossDisk::folder_of(const std::filesystem::path& path) {
    const auto found = folders_.find(path.parent_path());
    return found == folders_.end() ? nullptr : &found->second;
}

std::shared_ptr<PowerLossDisk::File> PowerLossDisk::create(const std::filesystem::path& path) {
    auto file = std::make_shared<File>();
    if (Folder* folder = folder_of(path))
        folder->names[path.filename()] = {file, ++changes_, false};
    return file;
}

void PowerLossDisk::make_folder(const std::filesystem::path& path) {
    Folder* folder = folder_of(path);
    if (folder == nullptr || folder->names.contains(path.filename())) return;
    folder->names[path.filename()] = {nullptr, ++changes_, false};
    folders_[path] = {};
}

void PowerLossDisk::remove(const std::filesystem::path& path) {
    if (Folder* folder = folder_of(path)) folder->names.erase(path.filename());
}

void PowerLossDisk::rename(const std::filesystem::path& from, const std::filesystem::path& to) {
    link(from, to);
    remove(from);
}

void PowerLossDisk::link(const std::filesystem::path& from, const std::filesystem::path& to) {
    Folder* source = folder_of(from);
    Folder* target = folder_of(to);
    if (source == nullptr || target == nullptr) return;
    const auto found = source->names.find(from.filename());
    if (found == source->names.end()) return;
    target->names[to.filename()] = {found->second.file, ++changes_, true};
}

void PowerLossDisk::sync_folder(const std::filesystem::path& path) {
    const auto found = folders_.find(path);
    if (found != folders_.end()) found->second.synced_names = found->second.names;
}

bool PowerLossDisk::has_unsynced_name(const std::filesystem::path& folder,
                                      std::string_view ending) const {
    const auto found = folders_.find(folder);
    if (found == folders_.end()) return false;
    for (const auto& [name, entry] : found->second.names) {
        const auto synced = found->second.synced_names.find(name);
        const bool same = synced != found->second.synced_names.end() && synced->second == entry;
        if (!same && name.ends_with(ending)) return true;
    }
    return false;
}

bool PowerLossDisk::has_unsynced_folder(const std::filesystem::path& folder) const {
    const auto found = folders_.find(folder);
    if (found == folders_.end()) return false;
    for (const auto& [name, entry] : found->second.names) {
        if (!entry.file && !found->second.synced_names.contains(name)) return true;
    }
    return false;
}

void PowerLossDisk::lose(std::mt19937& random) const {
    for (const auto& entry : std::filesystem::directory_iterator(root_)) {
        std::filesystem::remove_all(entry.path());
    }
    const bool by_chance = random() % 2 == 0;
    restore(root_, by_chance, random);
}

std::map<std::string, PowerLossDisk::Entry> PowerLossDisk::survivors(const Folder& folder,
                                                                     bool by_chance,
                                                                     std::mt19937& random) const {
    if (!by_chance) return folder.synced_names;
    std::set<std::string> all;
    for (const auto& [name, entry] : folder.names) all.insert(name);
    for (const auto& [name, entry] : folder.synced_names) all.insert(name);
    std::map<std::string, Entry> left;
    for (const std::string& name : all) {
        const auto& side = random() % 2 == 0 ? folder.names : folder.synced_names;
        const auto found = side.find(name);
        if (found != side.end()) left[name] = found->second;
    }
    std::size_t last_rename = 0;
    for (const auto& [name, entry] : left) {
        if (entry.by_rename) last_rename = std::max(last_rename, entry.made);
    }
    for (const auto& [name, entry] : folder.names) {
        if (!entry.by_rename && entry.made < last_rename) left[name] = entry;
    }
    return left;
}

void PowerLossDisk::restore(const std::filesystem::path& folder, bool by_chance,
                            std::mt19937& random) const {
    const auto known = folders_.find(folder);
    if (known == folders_.end()) return;
    for (const auto& [name, entry] : survivors(known->second, by_chance, random)) {
        const std::filesystem::path path = folder / name;
        if (!entry.file) {
            std::filesystem::create_directory(path);
            restore(path, by_chance, random);
            continue;
        }
        const std::string bytes = left_of(*entry.file, by_chance, random);
        std::ofstream(path, std::ios::binary).write(bytes.data(), std::ssize(bytes));
    }
}

}  // namespace tarn::kv
