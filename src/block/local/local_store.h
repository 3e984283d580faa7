#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/buffer_pool.h"
#include "base/workers.h"
#include "block/local/aligned.h"
#include "block/local/disk.h"
#include "block/local/file_system.h"
#include "block/local/file_writer.h"
#include "block/local/group_sync.h"
#include "block/local/location.h"
#include "block/local/options.h"
#include "block/store.h"

namespace tarn::block {

class Lane;

// Objects as files under one folder: the object of namespace "local://lake" and key "data/p/x" is
// the file "<root>/lake/data/p/x", as lakeFS lays them out.
//
// Shape     A fresh object is created under its final name; one that may replace another is written
//           under a name of its own in "<root>/.tarn/tmp" and renamed. Parts of an upload are
//           "<root>/<namespace>/<upload id>-<%05d part>"; an upload has no other trace, so one
//           without parts cannot be told from one that never was, and both list as empty.
// Threads   Any context. Small bodies go to one writing thread that syncs in groups; large ones go
//           around the page cache, on workers, and sync alone.
// Limits    At most 4 slices of an upload are in flight. A removed object may come back after a
// power
//           failure: removals are not synced.
// Lifetime  Calls must have returned before the end of it.
// Errors    As block::Store and Locator. already_exists: a fresh name that is taken.
// Source    docs/formats/addresses.md
class LocalStore final : public Store {
public:
    // Errors  invalid_argument: the root cannot be used.
    LocalStore(LocalOptions options, Workers& workers);
    // With a file system of tests.
    LocalStore(LocalOptions options, Workers& workers, std::unique_ptr<FileSystem> files);
    ~LocalStore() override;

    const Properties& properties() const override { return properties_; }
    Task<Stat> put(Address address, ByteSource& body, bool fresh) override;
    Task<std::optional<Opened>> open(Address address, std::optional<Range> range) override;
    Task<std::optional<Stat>> stat(Address address) override;
    Task<void> remove(Address address) override;
    Task<Stat> copy(Address from, Address to) override;
    Task<ListPage> list(std::string storage_namespace, std::string prefix, std::string after,
                        int limit) override;
    Task<std::string> begin_upload(Address address) override;
    Task<Part> put_part(Address address, std::string upload, int number, ByteSource& body) override;
    Task<Part> copy_part(Address address, std::string upload, int number, Address from,
                         std::optional<Range> range) override;
    Task<PartPage> list_parts(Address address, std::string upload, int after, int limit) override;
    Task<Completed> complete_upload(Address address, std::string upload,
                                    std::vector<Part> parts) override;
    Task<void> abort_upload(Address address, std::string upload) override;
    Task<std::string> presign(Address address, bool write, std::chrono::seconds lifetime) override;
    std::string show(const Address& address) const override;

private:
    // An object that is open.
    struct OpenFile {
        std::shared_ptr<const File> file;
        Stat stat;
    };

    // The path under the root of what is to be written.
    std::string writable_path(const Address& address) const;
    std::string temporary_path() const;

    // Creates a file, durable before it returns.
    Task<Stat> create(std::string path, ByteSource& body);
    Task<Stat> create_whole(std::string path, Slice bytes);
    Task<Stat> create_streaming(std::string path, Slice first, Slice second, ByteSource& body);
    Task<void> pump(Lane& lane, std::shared_ptr<FileWriter> writer, Slice first, Slice second,
                    ByteSource& body);
    // Creates or replaces a file, durable before it returns.
    Task<Stat> replace(std::string path, ByteSource& body);
    Task<void> move(std::string from, std::string to);
    // Creates a file that shares the blocks of another; false where that cannot be done.
    Task<bool> clone(std::string path, const OpenFile& from, Stat& stat);

    // Nothing when the object does not exist.
    Task<std::optional<OpenFile>> find_file(Location location);
    Task<OpenFile> get_file(Address address);
    int open_location(const Location& location, int flags, bool cached_only) const;

    // The folder of the namespace that holds the parts, and their paths.
    std::string part_folder(const Address& address, const std::string& upload) const;
    std::vector<int> part_numbers(const std::string& folder, const std::string& upload) const;
    std::vector<Part> read_parts(const std::string& folder, const std::string& upload,
                                 std::vector<int> numbers) const;
    std::shared_ptr<const File> open_part(const std::string& folder, const std::string& upload,
                                          int number) const;
    Task<Part> store_part(const Address& address, std::string upload, int number, ByteSource& body);
    void remove_parts(const std::string& folder, const std::string& upload);
    bool was_joined(const std::string& path, const std::string& etag, Stat& stat) const;
    Task<Stat> join(std::string folder, std::string upload, std::string path,
                    std::vector<Part> parts, std::string etag);
    // Notes a value beside the contents of a file, where the file system can.
    Task<void> label(std::string path, const char* attribute, std::string value);

    const LocalOptions options_;
    const Properties properties_;
    Workers& workers_;
    const std::unique_ptr<FileSystem> files_;
    const Locator locator_;
    Disk disk_;
    AlignedBuffers aligned_;
    BufferPool pool_;  // for copies from file to file
    GroupSync group_;
};

}  // namespace tarn::block
