#pragma once

#include <sys/uio.h>

#include <boost/asio/posix/basic_stream_descriptor.hpp>

#include <array>
#include <chrono>
#include <cstddef>
#include <memory>
#include <span>
#include <string_view>

#include "base/task.h"
#include "http/internal/tls.h"

namespace tarn::http {

enum class IoStatus { ok, ended, timed_out, failed };

struct IoResult {
    IoStatus status = IoStatus::ok;
    std::size_t bytes = 0;
};

// Up to four stretches of memory that leave in one call.
class Parts {
public:
    static constexpr int parts_max = 4;

    Parts& add(std::string_view bytes);
    void advance(std::size_t bytes);
    bool empty() const { return first_ == count_; }
    std::span<iovec> rest() {
        return {parts_.data() + first_, static_cast<std::size_t>(count_ - first_)};
    }

private:
    std::array<iovec, parts_max> parts_{};
    int first_ = 0;
    int count_ = 0;
};

// One connected socket, plain or TLS.
//
// Shape     What can be done at once is done without suspending; waiting has a limit. Its owner
// looks at
//           `expire_if_due` now and then: there is no timer per operation.
// Threads   Its context only.
// Lifetime  Owns the descriptor.
class Channel {
public:
    using Milliseconds = std::chrono::milliseconds;
    using Moment = std::chrono::steady_clock::time_point;
    enum class Direction { reading, writing };

    Channel(Context& context, int descriptor, std::unique_ptr<TlsSession> tls);
    ~Channel();
    Channel(const Channel&) = delete;
    Channel& operator=(const Channel&) = delete;

    bool is_tls() const { return tls_ != nullptr; }
    int descriptor() { return stream_.native_handle(); }
    Context& context() { return context_; }

    Task<IoStatus> handshake(Milliseconds limit);
    // At least one byte, unless the status is another than `ok`.
    Task<IoResult> read(std::span<char> into, Milliseconds limit);
    // What has arrived already; `ok` with no bytes when nothing has.
    IoResult read_now(std::span<char> into);
    // Whether bytes, or the end, have arrived and were not read. For TLS these may be none of the
    // peer's data.
    bool has_input();
    // Sends what the socket takes at once and advances `parts` by it.
    IoStatus write_now(Parts& parts, bool more_follows = false);
    // Sends all of `parts`; `limit` is for each wait.
    Task<IoStatus> write(Parts parts, Milliseconds limit);
    Task<IoStatus> wait(Direction direction, Milliseconds limit);

    // Ends the pending wait with `timed_out` when its time is over.
    void expire_if_due(Moment now);
    Moment deadline() const { return deadline_; }
    // Ends the pending wait with `failed`, without harm to the connection.
    void interrupt();
    // Nothing more is sent; the peer sees the end.
    void end_sending();
    // Nothing more is sent or received; what waits fails.
    void cut();
    // Gives the socket and its session away; the channel is empty afterwards.
    std::pair<int, std::unique_ptr<TlsSession>> release();

private:
    using Stream = boost::asio::posix::basic_stream_descriptor<Context::executor_type>;

    Task<IoResult> read_tls(std::span<char> into, Milliseconds limit);
    Task<IoStatus> wait_as(Progress wanted, Milliseconds limit);
    IoStatus status_of(const boost::system::error_code& error);
    void arm(Milliseconds limit);

    Context& context_;
    Stream stream_;
    std::unique_ptr<TlsSession> tls_;
    Moment deadline_ = Moment::max();
    bool expired_ = false;
    bool write_wants_read_ = false;  // TLS may have to read before it can write
};

}  // namespace tarn::http
