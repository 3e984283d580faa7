#pragma once

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <random>
#include <string>

#include "block/local/file_system.h"

namespace tarn::block {

// A file system that loses power: it works on a real folder, knows what of it would survive, and at
// a chosen call stops for good. What survives can then be laid out in another folder.
//
// Shape     A name survives once its folder was synced (`sync_folder`, `sync_all`) after it was
// made,
//           and the bytes of a file once it was synced (`sync_file`, `sync_all`) after they were
//           written. Of what was not synced, each thing survives or not by chance; a file whose
//           bytes were not synced keeps some beginning of them.
// Threads   Any.
class PowerLossFileSystem final : public FileSystem {
public:
    // "sync_file", "sync_folder" or "sync_all", and the path ("" where there is none): whether that
    // call is to do nothing, as if it had been forgotten in the program.
    using Forget = std::function<bool(std::string_view call, const std::string& path)>;

    PowerLossFileSystem(const std::string& root, unsigned seed, Forget forget);

    // After this many more changes every call fails.
    void cut_after(int calls);
    bool is_cut() const;

    // Lays out what survived in an existing, empty folder.
    void restore(const std::string& root);

    int root() const override { return real_->root(); }
    int create(const std::string& path, bool direct) override;
    int write(int file, std::string_view bytes, std::uint64_t offset) override;
    int allocate(int file, std::uint64_t size) override;
    int clone(int from, int to) override;
    int rename(const std::string& from, const std::string& to) override;
    int remove(const std::string& path) override;
    int make_folder(const std::string& path) override;
    int sync_file(int file) override;
    int sync_folder(const std::string& path) override;
    int sync_all() override;

private:
    // A file or a folder, as it is and as it would survive.
    struct Node {
        bool is_folder = false;
        std::string bytes;
        std::string synced_bytes;
        std::map<std::string, std::shared_ptr<Node>> names;
        std::map<std::string, std::shared_ptr<Node>> synced_names;
    };

    bool spend_call();  // false when the power is gone
    std::shared_ptr<Node> node_at(const std::string& path) const;
    std::shared_ptr<Node> node_of(int file) const;
    bool by_chance();
    void sync_tree(Node& node);
    void restore_folder(const Node& folder, const std::string& path);
    void restore_file(const Node& file, const std::string& path);

    const std::unique_ptr<FileSystem> real_;
    const Forget forget_;
    mutable std::mutex mutex_;
    std::mt19937 random_;
    std::optional<int> calls_left_;
    const std::shared_ptr<Node> top_ = std::make_shared<Node>();
    std::map<std::pair<unsigned long, unsigned long>, std::shared_ptr<Node>>
        files_;  // by device, inode
};

}  // namespace tarn::block
