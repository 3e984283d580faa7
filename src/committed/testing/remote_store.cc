#include "committed/testing/remote_store.h"

#include <utility>

#include "base/error.h"

namespace tarn::committed::testing {

Task<block::Stat> RemoteStore::put(block::Address address, ByteSource& body, bool fresh) {
    if (refuses_puts) throw Error(Code::unavailable, "the store does not answer");
    ++puts;
    co_return co_await inner_.put(std::move(address), body, fresh);
}

Task<std::optional<block::Opened>> RemoteStore::open(block::Address address,
                                                     std::optional<block::Range> range) {
    ++(range ? opened_ranges : opened_whole);
    std::optional<block::Opened> opened = co_await inner_.open(std::move(address), range);
    if (opened) opened->body = as_source(std::move(opened->body));
    co_return opened;
}

Task<std::optional<block::Stat>> RemoteStore::stat(block::Address address) {
    return inner_.stat(std::move(address));
}

Task<void> RemoteStore::remove(block::Address address) {
    return inner_.remove(std::move(address));
}

Task<block::Stat> RemoteStore::copy(block::Address from, block::Address to) {
    return inner_.copy(std::move(from), std::move(to));
}

Task<block::ListPage> RemoteStore::list(std::string storage_namespace, std::string prefix,
                                        std::string after, int limit) {
    return inner_.list(std::move(storage_namespace), std::move(prefix), std::move(after), limit);
}

Task<std::string> RemoteStore::begin_upload(block::Address address) {
    return inner_.begin_upload(std::move(address));
}

Task<block::Part> RemoteStore::put_part(block::Address address, std::string upload, int number,
                                        ByteSource& body) {
    return inner_.put_part(std::move(address), std::move(upload), number, body);
}

Task<block::Part> RemoteStore::copy_part(block::Address address, std::string upload, int number,
                                         block::Address from, std::optional<block::Range> range) {
    return inner_.copy_part(std::move(address), std::move(upload), number, std::move(from), range);
}

Task<block::PartPage> RemoteStore::list_parts(block::Address address, std::string upload, int after,
                                              int limit) {
    return inner_.list_parts(std::move(address), std::move(upload), after, limit);
}

Task<block::Completed> RemoteStore::complete_upload(block::Address address, std::string upload,
                                                    std::vector<block::Part> parts) {
    return inner_.complete_upload(std::move(address), std::move(upload), std::move(parts));
}

Task<void> RemoteStore::abort_upload(block::Address address, std::string upload) {
    return inner_.abort_upload(std::move(address), std::move(upload));
}

Task<std::string> RemoteStore::presign(block::Address address, bool write,
                                       std::chrono::seconds lifetime) {
    return inner_.presign(std::move(address), write, lifetime);
}

std::string RemoteStore::show(const block::Address& address) const {
    return inner_.show(address);
}

}  // namespace tarn::committed::testing
