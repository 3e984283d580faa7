#include "http/internal/request_body.h"

#include <array>
#include <utility>

namespace tarn::http {

namespace {

constexpr std::uint64_t skipped_bytes_max = 256 * 1024;

}  // namespace

void RequestBody::begin(Framing framing, std::uint64_t length, bool expects_continue) {
    reader_.begin(framing, length, limits_.bytes_max);
    length_ = length;
    continue_pending_ = expects_continue;
    is_first_ = true;
}

std::optional<std::uint64_t> RequestBody::size() const {
    if (reader_.framing() == Framing::chunked) return std::nullopt;
    return length_;
}

Task<void> RequestBody::send_continue() {
    continue_pending_ = false;
    if (!buffer_.empty()) co_return;  // the body is on its way already
    Parts parts;
    parts.add("HTTP/1.1 100 Continue\r\n\r\n");
    co_await channel_.write(parts, limits_.timeout);
}

Task<Slice> RequestBody::next() {
    if (reader_.at_end()) co_return Slice{};
    const bool is_small = reader_.framing() == Framing::chunked
                              ? is_first_
                              : reader_.left() <= BufferPool::small_bytes;
    const std::size_t wanted = is_small ? BufferPool::small_bytes : BufferPool::large_bytes;
    is_first_ = false;
    std::shared_ptr<std::span<char>> buffer = co_await pool_.take(wanted);
    if (continue_pending_) co_await send_continue();
    const std::size_t size = co_await reader_.fill(*buffer, limits_.timeout, true);
    const char* data = buffer->data();
    Slice slice{std::move(buffer), {data, size}};
    if (size == 0) slice = Slice{};
    co_return slice;
}

bool RequestBody::can_be_skipped() const {
    if (reader_.is_broken()) return false;
    if (reader_.at_end()) return true;
    return !continue_pending_ && reader_.left() <= skipped_bytes_max;
}

Task<bool> RequestBody::skip() {
    std::array<char, 4096> scratch;
    std::uint64_t skipped = 0;
    while (!reader_.at_end() && can_be_skipped() && skipped <= skipped_bytes_max) {
        try {
            const std::size_t size = co_await reader_.fill(scratch, limits_.timeout, true);
            skipped += size;
        } catch (const Error&) {
            co_return false;
        }
    }
    co_return reader_.at_end();
}

}  // namespace tarn::http
