#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <string>

#include "http/internal/body_reader.h"
#include "http/internal/channel.h"
#include "http/internal/core.h"
#include "http/internal/head.h"
#include "http/internal/request_body.h"

namespace tarn::http {

// One client's connection: reads requests one after the other, has them handled, sends the answers.
// Threads   Its core's context only.
// Lifetime  Owned by the coroutine that runs it; the core knows it while it lives.
class Connection final : public Request {
public:
    Connection(Core& core, int descriptor, std::unique_ptr<TlsSession> tls);
    ~Connection() override;

    Task<void> run();

    Channel& channel() { return channel_; }
    // Ends the wait for a further request, if that is what the connection does now.
    void wake_if_idle();

    std::string_view method() const override { return head_.method; }
    std::string_view target() const override { return head_.target; }
    std::span<const FieldView> fields() const override { return head_.fields; }
    std::string_view peer_address() const override { return peer_address_; }
    bool is_tls() const override { return channel_.is_tls(); }
    std::string_view id() const override;
    ByteSource& body() override { return body_; }

    std::size_t index_in_core = 0;

private:
    using Milliseconds = std::chrono::milliseconds;
    enum class Next { request, refusal, end };

    Task<Next> read_head();
    // Reads more of a head; false at the end of the connection. Sets `refusal_status_` on a
    // timeout.
    Task<bool> read_more();
    Next take_head();
    Next refuse(int status);
    Milliseconds patience() const;
    bool seems_http() const;

    // One request; true when the connection may serve another.
    Task<bool> serve();
    Task<Response> handle();
    Task<bool> answer(Response response);
    Task<void> answer_refusal();
    // Reads and drops for a moment, so that the client can read the last answer before the reset.
    Task<void> linger();
    void write_access_log(int status, std::uint64_t bytes);

    Core& core_;
    Shared& shared_;
    Channel channel_;
    ReadBuffer buffer_;
    HeadScanner scanner_;
    RequestHead head_;
    RequestBody body_;
    std::string peer_address_;
    std::string out_;  // the head being sent; kept for its memory
    mutable std::array<char, 36> id_{};
    mutable bool has_id_ = false;
    bool is_idle_ = false;
    bool was_woken_ = false;
    bool served_any_ = false;
    bool handler_failed_ = false;
    int refusal_status_ = 0;
    std::chrono::steady_clock::time_point head_deadline_;
    std::chrono::steady_clock::time_point started_;
};

}  // namespace tarn::http
