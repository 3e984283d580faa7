#pragma once

#include <cerrno>
#include <functional>
#include <memory>
#include <string>
#include <utility>

#include "block/local/file_system.h"

namespace tarn::block {

// The real file system, whose calls fail where a test says so.
class FaultyFileSystem final : public FileSystem {
public:
    // The call ("create_direct", "create", "write_direct", "write", "allocate", "clone", "rename",
    // "sync_file", "sync_folder", "sync_all"): a negated errno, or 0 to go on.
    using Fault = std::function<int(std::string_view call)>;

    FaultyFileSystem(const std::string& root, Fault fault)
        : real_(open_file_system(root)), fault_(std::move(fault)) {}

    int root() const override { return real_->root(); }
    int create(const std::string& path, bool direct) override {
        const int fault = fault_(direct ? "create_direct" : "create");
        return fault < 0 ? fault : real_->create(path, direct);
    }
    int write(int file, std::string_view bytes, std::uint64_t offset) override;
    int allocate(int file, std::uint64_t size) override {
        const int fault = fault_("allocate");
        return fault < 0 ? fault : real_->allocate(file, size);
    }
    int clone(int from, int to) override {
        const int fault = fault_("clone");
        return fault < 0 ? fault : real_->clone(from, to);
    }
    int rename(const std::string& from, const std::string& to) override {
        const int fault = fault_("rename");
        return fault < 0 ? fault : real_->rename(from, to);
    }
    int remove(const std::string& path) override { return real_->remove(path); }
    int make_folder(const std::string& path) override { return real_->make_folder(path); }
    int sync_file(int file) override {
        const int fault = fault_("sync_file");
        return fault < 0 ? fault : real_->sync_file(file);
    }
    int sync_folder(const std::string& path) override {
        const int fault = fault_("sync_folder");
        return fault < 0 ? fault : real_->sync_folder(path);
    }
    int sync_all() override {
        const int fault = fault_("sync_all");
        return fault < 0 ? fault : real_->sync_all();
    }

private:
    const std::unique_ptr<FileSystem> real_;
    const Fault fault_;
};

}  // namespace tarn::block
