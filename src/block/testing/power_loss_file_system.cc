#include "block/testing/power_loss_file_system.h"

#include <sys/stat.h>

#include <cerrno>
#include <filesystem>
#include <fstream>
#include <utility>

#include "base/error.h"

namespace tarn::block {
namespace {

std::string name_of(const std::string& path) {
    return path.substr(path.rfind('/') + 1);
}

std::pair<unsigned long, unsigned long> id_of(int file) {
    struct stat facts = {};
    CHECK(::fstat(file, &facts) == 0, "the file is open");
    return {facts.st_dev, facts.st_ino};
}

}  // namespace

PowerLossFileSystem::PowerLossFileSystem(const std::string& root, unsigned seed, Forget forget)
    : real_(open_file_system(root)), forget_(std::move(forget)), random_(seed) {
    top_->is_folder = true;
}

void PowerLossFileSystem::cut_after(int calls) {
    const std::scoped_lock lock(mutex_);
    calls_left_ = calls;
}

bool PowerLossFileSystem::is_cut() const {
    const std::scoped_lock lock(mutex_);
    return calls_left_ && *calls_left_ <= 0;
}

bool PowerLossFileSystem::spend_call() {
    if (!calls_left_) return true;
    if (*calls_left_ <= 0) return false;
    return --*calls_left_ > 0;
}

std::shared_ptr<PowerLossFileSystem::Node> PowerLossFileSystem::node_at(
    const std::string& path) const {
    std::shared_ptr<Node> node = top_;
    for (std::size_t at = 0; !path.empty() && node;) {
        const std::size_t slash = path.find('/', at);
        const auto it = node->names.find(path.substr(at, slash - at));
        if (it == node->names.end()) return nullptr;
        node = it->second;
        if (slash == std::string::npos) break;
        at = slash + 1;
    }
    return node;
}

std::shared_ptr<PowerLossFileSystem::Node> PowerLossFileSystem::node_of(int file) const {
    const auto it = files_.find(id_of(file));
    CHECK(it != files_.end(), "the file was created here");
    return it->second;
}

int PowerLossFileSystem::create(const std::string& path, bool direct) {
    const std::scoped_lock lock(mutex_);
    if (!spend_call()) return -EIO;
    const int file = real_->create(path, direct);
    if (file < 0) return file;
    const auto node = std::make_shared<Node>();
    node_at(folder_of(path))->names[name_of(path)] = node;
    files_[id_of(file)] = node;
    return file;
}

int PowerLossFileSystem::write(int file, std::string_view bytes, std::uint64_t offset) {
    const std::scoped_lock lock(mutex_);
    if (!spend_call()) return -EIO;
    const int result = real_->write(file, bytes, offset);
    if (result < 0) return result;
    std::string& written = node_of(file)->bytes;
    if (written.size() < offset + bytes.size()) written.resize(offset + bytes.size());
    written.replace(offset, bytes.size(), bytes);
    return result;
}

int PowerLossFileSystem::allocate(int file, std::uint64_t size) {
    const std::scoped_lock lock(mutex_);
    if (!spend_call()) return -EIO;
    const int result = real_->allocate(file, size);
    if (result == 0) node_of(file)->bytes.resize(size);
    return result;
}

int PowerLossFileSystem::clone(int, int) {
    return -EOPNOTSUPP;
}

int PowerLossFileSystem::rename(const std::string& from, const std::string& to) {
    const std::scoped_lock lock(mutex_);
    if (!spend_call()) return -EIO;
    const int result = real_->rename(from, to);
    if (result < 0) return result;
    node_at(folder_of(to))->names[name_of(to)] = node_at(from);
    node_at(folder_of(from))->names.erase(name_of(from));
    return result;
}

int PowerLossFileSystem::remove(const std::string& path) {
    const std::scoped_lock lock(mutex_);
    if (!spend_call()) return -EIO;
    const int result = real_->remove(path);
    if (result == 0) node_at(folder_of(path))->names.erase(name_of(path));
    return result;
}

int PowerLossFileSystem::make_folder(const std::string& path) {
    const std::scoped_lock lock(mutex_);
    if (!spend_call()) return -EIO;
    const int result = real_->make_folder(path);
    if (result < 0) return result;
    const auto node = std::make_shared<Node>();
    node->is_folder = true;
    node_at(folder_of(path))->names[name_of(path)] = node;
    return result;
}

int PowerLossFileSystem::sync_file(int file) {
    const std::scoped_lock lock(mutex_);
    if (!spend_call()) return -EIO;
    if (forget_("sync_file", "")) return 0;
    const std::shared_ptr<Node> node = node_of(file);
    node->synced_bytes = node->bytes;
    return 0;
}

int PowerLossFileSystem::sync_folder(const std::string& path) {
    const std::scoped_lock lock(mutex_);
    if (!spend_call()) return -EIO;
    if (forget_("sync_folder", path)) return 0;
    const std::shared_ptr<Node> node = node_at(path);
    if (!node) return -ENOENT;
    node->synced_names = node->names;
    return 0;
}

int PowerLossFileSystem::sync_all() {
    const std::scoped_lock lock(mutex_);
    if (!spend_call()) return -EIO;
    if (!forget_("sync_all", "")) sync_tree(*top_);
    return 0;
}

void PowerLossFileSystem::sync_tree(Node& node) {
    if (node.synced_bytes != node.bytes) node.synced_bytes = node.bytes;
    node.synced_names = node.names;
    for (const auto& [name, child] : node.names) sync_tree(*child);
}

bool PowerLossFileSystem::by_chance() {
    return random_() % 2 == 0;
}

void PowerLossFileSystem::restore(const std::string& root) {
    const std::scoped_lock lock(mutex_);
    restore_folder(*top_, root);
}

void PowerLossFileSystem::restore_folder(const Node& folder, const std::string& path) {
    std::map<std::string, std::shared_ptr<Node>> survivors = folder.synced_names;
    for (const auto& [name, node] : folder.names) {
        const auto it = survivors.find(name);
        if ((it == survivors.end() || it->second != node) && by_chance()) survivors[name] = node;
    }
    for (const auto& [name, node] : folder.synced_names) {
        if (!folder.names.contains(name) && by_chance()) survivors.erase(name);
    }
    for (const auto& [name, node] : survivors) {
        const std::string below = path + "/" + name;
        if (node->is_folder) {
            std::filesystem::create_directory(below);
            restore_folder(*node, below);
        } else {
            restore_file(*node, below);
        }
    }
}

void PowerLossFileSystem::restore_file(const Node& file, const std::string& path) {
    std::string bytes = file.synced_bytes;
    if (file.bytes != file.synced_bytes) {
        bytes = file.bytes.substr(0, file.bytes.empty() ? 0 : random_() % (file.bytes.size() + 1));
    }
    std::ofstream(path, std::ios::binary) << bytes;
}

}  // namespace tarn::block
