#include "http/internal/answer.h"

#include <fcntl.h>
#include <sys/sendfile.h>
#include <sys/uio.h>

#include <boost/asio/deferred.hpp>
#include <boost/asio/post.hpp>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <utility>
#include <variant>

#include "base/log.h"

namespace tarn::http {

namespace asio = boost::asio;

namespace {

constexpr std::size_t file_with_head_bytes_max = BufferPool::small_bytes;
constexpr std::size_t tls_joined_bytes_max = 16 * 1024;  // one TLS record
constexpr std::size_t slice_bytes = 1024 * 1024;  // of a file, between two looks at the page cache
constexpr std::size_t read_ahead_bytes = 4 * slice_bytes;

// Reads without waiting for a disk: the number of bytes, or nothing when that is not possible.
std::optional<std::size_t> read_cached(int descriptor, std::span<char> into, std::uint64_t offset) {
    iovec part{into.data(), into.size()};
    const ssize_t size = ::preadv2(descriptor, &part, 1, static_cast<off_t>(offset), RWF_NOWAIT);
    if (size < 0) return std::nullopt;
    return static_cast<std::size_t>(size);
}

// Whether the page at `offset` is in memory, as far as can be told: file systems that cannot say
// are taken to be memory.
bool is_cached(int descriptor, std::uint64_t offset) {
    char byte = 0;
    iovec part{&byte, 1};
    const ssize_t size = ::preadv2(descriptor, &part, 1, static_cast<off_t>(offset), RWF_NOWAIT);
    return size >= 0 || errno != EAGAIN;
}

bool read_blocking(int descriptor, std::span<char> into, std::uint64_t offset) {
    std::size_t done = 0;
    while (done < into.size()) {
        const ssize_t size = ::pread(descriptor, into.data() + done, into.size() - done,
                                     static_cast<off_t>(offset + done));
        if (size < 0 && errno == EINTR) continue;
        if (size <= 0) return false;
        done += static_cast<std::size_t>(size);
    }
    return true;
}

// Blocks until a stretch is in the page cache, and asks for what follows it.
void load(int descriptor, std::uint64_t offset, std::size_t size) {
    ::posix_fadvise(descriptor, static_cast<off_t>(offset), read_ahead_bytes, POSIX_FADV_WILLNEED);
    char byte = 0;
    for (std::size_t at = 0; at < size; at += 128 * 1024) {
        if (::pread(descriptor, &byte, 1, static_cast<off_t>(offset + at)) <= 0) return;
    }
    if (::pread(descriptor, &byte, 1, static_cast<off_t>(offset + size - 1)) <= 0) return;
}

std::string_view chunk_head(std::size_t size, std::array<char, 24>& text) {
    char* end = std::to_chars(text.data(), text.data() + 20, size, 16).ptr;
    *end++ = '\r';
    *end++ = '\n';
    return {text.data(), end};
}

}  // namespace

Task<bool> Answer::send(Response& response, const HeadFacts& facts, bool with_body) {
    tools_.head.clear();
    append_response_head(tools_.head, response, facts);
    if (!with_body) {
        Parts parts;
        parts.add(tools_.head);
        co_return co_await write(parts);
    }
    if (const auto* text = std::get_if<std::string>(&response.body))
        co_return co_await send_text(*text);
    if (auto* stream = std::get_if<std::unique_ptr<ByteSource>>(&response.body)) {
        co_return co_await send_stream(**stream, facts);
    }
    const FileRange& range = std::get<FileRange>(response.body);
    if (range.size <= file_with_head_bytes_max) co_return co_await send_small_file(range);
    if (tools_.channel.is_tls()) co_return co_await send_file_tls(range);
    co_return co_await send_file(range);
}

Task<bool> Answer::write(Parts parts) {
    const IoStatus at_once = tools_.channel.write_now(parts);
    if (at_once != IoStatus::ok) co_return false;
    if (parts.empty()) co_return true;
    const IoStatus status = co_await tools_.channel.write(parts, tools_.write_timeout);
    co_return status == IoStatus::ok;
}

Task<bool> Answer::send_text(const std::string& text) {
    const bool joined = tools_.channel.is_tls() && text.size() <= tls_joined_bytes_max;
    if (joined) tools_.head.append(text);
    Parts parts;
    parts.add(tools_.head);
    if (!joined) parts.add(text);
    body_bytes_ = text.size();
    co_return co_await write(parts);
}

Task<bool> Answer::read_file(const FileRange& range, std::span<char> into) {
    const int descriptor = range.file->descriptor();
    const auto cached = read_cached(descriptor, into, range.offset);
    const std::size_t done = cached.value_or(0);
    if (done == into.size()) co_return true;
    const std::span<char> rest = into.subspan(done);
    const std::uint64_t offset = range.offset + done;
    const auto read = [descriptor, rest, offset] {
        return read_blocking(descriptor, rest, offset);
    };
    const bool whole = co_await tools_.workers.offload(read);
    if (!whole) log::error("a file ended before the stretch that was to be sent");
    co_return whole;
}

Task<bool> Answer::send_small_file(const FileRange& range) {
    const auto buffer = co_await tools_.buffers.take(BufferPool::small_bytes);
    const auto bytes = buffer->first(range.size);
    const bool whole = co_await read_file(range, bytes);
    if (!whole) co_return false;
    Parts parts;
    parts.add(tools_.head).add({bytes.data(), bytes.size()});
    body_bytes_ = range.size;
    co_return co_await write(parts);
}

Task<void> Answer::warm(const FileRange& range) {
    const int descriptor = range.file->descriptor();
    const std::uint64_t offset = range.offset;
    const std::size_t size = std::min<std::uint64_t>(range.size, slice_bytes);
    if (is_cached(descriptor, offset) && is_cached(descriptor, offset + size - 1)) co_return;
    const auto fetch = [descriptor, offset, size] { load(descriptor, offset, size); };
    co_await tools_.workers.offload(fetch);
}

Task<bool> Answer::send_file(FileRange range) {
    Channel& channel = tools_.channel;
    Parts head;
    head.add(tools_.head);
    const IoStatus at_once = channel.write_now(head, true);
    if (at_once != IoStatus::ok) co_return false;
    if (!head.empty()) {
        const bool sent = co_await write(head);
        if (!sent) co_return false;
    }
    std::uint64_t slice_left = 0;
    while (range.size > 0) {
        if (slice_left == 0) {
            if (body_bytes_ > 0) co_await asio::post(channel.context(), asio::deferred);
            co_await warm(range);
            slice_left = std::min<std::uint64_t>(range.size, slice_bytes);
        }
        auto offset = static_cast<off_t>(range.offset);
        const ssize_t size =
            ::sendfile(channel.descriptor(), range.file->descriptor(), &offset, slice_left);
        if (size > 0) {
            range.offset += static_cast<std::uint64_t>(size);
            range.size -= static_cast<std::uint64_t>(size);
            slice_left -= static_cast<std::uint64_t>(size);
            body_bytes_ += static_cast<std::uint64_t>(size);
            continue;
        }
        if (size == 0) log::error("a file ended before the stretch that was to be sent");
        if (size == 0 || (errno != EAGAIN && errno != EINTR)) co_return false;
        const IoStatus ready =
            co_await channel.wait(Channel::Direction::writing, tools_.write_timeout);
        if (ready != IoStatus::ok) co_return false;
    }
    co_return true;
}

Task<bool> Answer::send_file_tls(FileRange range) {
    const auto buffer = co_await tools_.buffers.take(BufferPool::large_bytes);
    Parts parts;
    parts.add(tools_.head);
    while (range.size > 0) {
        const auto piece = buffer->first(std::min<std::uint64_t>(range.size, buffer->size()));
        const bool whole = co_await read_file(range, piece);
        if (!whole) co_return false;
        parts.add({piece.data(), piece.size()});
        const bool sent = co_await write(parts);
        if (!sent) co_return false;
        parts = Parts();
        range.offset += piece.size();
        range.size -= piece.size();
        body_bytes_ += piece.size();
        co_await asio::post(tools_.channel.context(), asio::deferred);
    }
    co_return true;
}

Task<bool> Answer::send_stream(ByteSource& source, const HeadFacts& facts) {
    try {
        co_return co_await send_pieces(source, facts);
    } catch (const std::exception& error) {
        log::error("the body of an answer broke off after {} bytes: {}", body_bytes_, error.what());
    }
    co_return false;
}

Task<bool> Answer::send_pieces(ByteSource& source, const HeadFacts& facts) {
    std::array<char, 24> chunk_text;
    std::string_view head = tools_.head;
    while (true) {
        const Slice piece = co_await source.next();
        Parts parts;
        parts.add(head);
        if (piece.empty()) {
            if (facts.chunked) parts.add("0\r\n\r\n");
            const bool sent = co_await write(parts);
            if (facts.content_length && *facts.content_length != body_bytes_) {
                log::error("the body of an answer has {} bytes instead of {}", body_bytes_,
                           *facts.content_length);
                co_return false;
            }
            co_return sent;
        }
        if (facts.content_length && body_bytes_ + piece.bytes.size() > *facts.content_length) {
            log::error("the body of an answer is longer than the {} bytes it promised",
                       *facts.content_length);
            co_return false;
        }
        if (facts.chunked) parts.add(chunk_head(piece.bytes.size(), chunk_text));
        parts.add(piece.bytes);
        if (facts.chunked) parts.add("\r\n");
        const bool sent = co_await write(parts);
        if (!sent) co_return false;
        head = {};
        body_bytes_ += piece.bytes.size();
    }
}

}  // namespace tarn::http
