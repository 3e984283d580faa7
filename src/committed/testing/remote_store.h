#pragma once

#include <atomic>
#include <functional>
#include <string>

#include "block/memory/memory_store.h"

namespace tarn::committed::testing {

// A store that behaves like a remote one: it streams what is opened, and counts.
class RemoteStore final : public block::Store {
public:
    explicit RemoteStore(const Clock& clock) : inner_(clock) { properties_.type = "s3"; }

    std::atomic<int> opened_whole = 0;
    std::atomic<int> opened_ranges = 0;
    std::atomic<int> puts = 0;
    std::atomic<bool> refuses_puts = false;

    const block::Properties& properties() const override { return properties_; }
    Task<block::Stat> put(block::Address address, ByteSource& body, bool fresh) override;
    Task<std::optional<block::Opened>> open(block::Address address,
                                            std::optional<block::Range> range) override;
    Task<std::optional<block::Stat>> stat(block::Address address) override;
    Task<void> remove(block::Address address) override;
    Task<block::Stat> copy(block::Address from, block::Address to) override;
    Task<block::ListPage> list(std::string storage_namespace, std::string prefix, std::string after,
                               int limit) override;
    Task<std::string> begin_upload(block::Address address) override;
    Task<block::Part> put_part(block::Address address, std::string upload, int number,
                               ByteSource& body) override;
    Task<block::Part> copy_part(block::Address address, std::string upload, int number,
                                block::Address from, std::optional<block::Range> range) override;
    Task<block::PartPage> list_parts(block::Address address, std::string upload, int after,
                                     int limit) override;
    Task<block::Completed> complete_upload(block::Address address, std::string upload,
                                           std::vector<block::Part> parts) override;
    Task<void> abort_upload(block::Address address, std::string upload) override;
    Task<std::string> presign(block::Address address, bool write,
                              std::chrono::seconds lifetime) override;
    std::string show(const block::Address& address) const override;

private:
    block::Properties properties_;
    block::MemoryStore inner_;
};

}  // namespace tarn::committed::testing
