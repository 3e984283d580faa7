#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "base/clock.h"
#include "block/store.h"

namespace tarn::block {

// Objects in the memory of this process, under "mem://" namespaces; for tests and for trying things
// out. Threads   Any; nothing ever blocks. Limits    None: what is put stays until it is removed or
// the store ends. Errors    As block::Store. invalid_argument: a namespace that is not mem://, or
// an empty key.
class MemoryStore final : public Store {
public:
    explicit MemoryStore(const Clock& clock);

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
    struct Object {
        std::shared_ptr<const std::string> bytes;
        Time modified;
        std::string etag;
    };
    struct StoredPart {
        Part part;
        std::shared_ptr<const std::string> bytes;
    };
    struct Upload {
        std::string path;
        std::map<int, StoredPart> parts;
    };

    std::optional<Object> find(const std::string& path) const;
    Object get(const std::string& path) const;
    Stat keep(const std::string& path, std::string bytes, std::string etag);
    Part keep_part(const std::string& path, const std::string& upload, int number,
                   std::string bytes);
    Upload& get_upload(const std::string& path, const std::string& upload);  // mutex_ held

    const Clock& clock_;
    const Properties properties_;
    mutable std::mutex mutex_;
    std::map<std::string, Object> objects_;  // by "<namespace path>/<key>"
    std::map<std::string, Upload> uploads_;
};

}  // namespace tarn::block
