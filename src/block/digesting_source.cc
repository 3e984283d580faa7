#include "block/digesting_source.h"

#include "base/buffer_pool.h"
#include "base/bytes.h"

namespace tarn::block {
namespace {

constexpr int pieces_max = 4;

}  // namespace

DigestingSource::DigestingSource(Workers& workers, ByteSource& body)
    : body_(body),
      lane_(workers, pieces_max),
      in_place_(body.size().value_or(BufferPool::large_bytes) <= BufferPool::small_bytes) {}

Task<Slice> DigestingSource::next() {
    const Slice slice = co_await body_.next();
    if (slice.empty()) {
        co_await lane_.finish();
    } else if (in_place_) {
        digest_.update(slice.bytes);
    } else {
        co_await lane_.push([this, slice] { digest_.update(slice.bytes); });
    }
    co_return slice;
}

Task<void> DigestingSource::finish() {
    co_await lane_.drain();
}

std::string DigestingSource::hex_digest() {
    return to_hex(as_view(digest_.finish()));
}

}  // namespace tarn::block
