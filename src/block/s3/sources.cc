#include "block/s3/sources.h"

#include <algorithm>

namespace tarn::block {
namespace {

constexpr std::size_t slice_bytes_max = 1024 * 1024;

}  // namespace

Task<Slice> KeptBytes::next() {
    const std::size_t size = std::min(slice_bytes_max, bytes_->size() - at_);
    Slice slice{bytes_, std::string_view(*bytes_).substr(at_, size)};
    at_ += size;
    co_return slice;
}

Task<bool> BodyCutter::fill(std::string& into, std::uint64_t bytes) {
    while (bytes > 0) {
        if (rest_.empty()) rest_ = co_await body_.next();
        if (rest_.empty()) co_return false;
        const auto size =
            static_cast<std::size_t>(std::min<std::uint64_t>(bytes, rest_.bytes.size()));
        into.append(rest_.bytes.substr(0, size));
        rest_.bytes.remove_prefix(size);
        if (rest_.empty()) rest_.owner.reset();
        bytes -= size;
    }
    co_return true;
}

Task<bool> BodyCutter::has_more() {
    if (rest_.empty()) rest_ = co_await body_.next();
    co_return !rest_.empty();
}

}  // namespace tarn::block
