#include "api/upload.h"

#include <utility>

#include "api/house.h"
#include "base/bytes.h"

namespace tarn::api {

Task<Slice> DigestedSource::next() {
    constexpr std::size_t in_place_bytes_max = 64 * 1024;
    Slice slice = co_await inner_.next();
    if (slice.empty()) {
        if (etag_.empty()) etag_ = to_hex(as_view(digest_.finish()));
        co_return slice;
    }
    count_ += static_cast<std::int64_t>(slice.bytes.size());
    if (slice.bytes.size() <= in_place_bytes_max) {
        digest_.update(slice.bytes);
        co_return slice;
    }
    std::function<void()> update = [this, &slice] { digest_.update(slice.bytes); };
    co_await workers_.offload(std::move(update));
    co_return slice;
}

Task<catalog::Entry> store_body(Call& call, refs::Repository repository, ByteSource& body) {
    DigestedSource source(body, call.house.stores().workers);
    const catalog::Uploaded stored =
        co_await call.house.catalog.upload(std::move(repository), source);
    if (source.etag().empty()) co_await source.next();
    catalog::Entry entry;
    entry.address = stored.address;
    entry.address_type = catalog::AddressType::relative;
    entry.modified = stored.stat.modified;
    entry.size_bytes = source.count();
    entry.etag = source.etag();
    co_return entry;
}

}  // namespace tarn::api
