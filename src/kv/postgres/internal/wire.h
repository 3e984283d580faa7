#pragma once

#include <functional>
#include <memory>

#include "base/task.h"
#include "kv/postgres/internal/session.h"

namespace tarn::kv::postgres {

// A session whose socket is watched by an event loop.
// Threads   All on `context`. Lifetime  After destruction no handler is called any more. A session
// may go from wire to wire, so that each caller waits on its own context.
class Wire {
public:
    Wire(Context& context, std::unique_ptr<Session> session);
    ~Wire();
    Wire(const Wire&) = delete;
    Wire& operator=(const Wire&) = delete;

    Session& session() { return *session_; }
    std::unique_ptr<Session> release();

    // Calls `handler` once, when bytes have come, or the end; or when there is room for more.
    void when_readable(std::function<void()> handler);
    void when_writable(std::function<void()> handler);

    // Until then, for a coroutine on `context`; false when the deadline came first.
    enum class Readiness : char { readable, writable };
    Task<bool> wait(Readiness readiness, Moment deadline);

private:
    struct Socket;
    std::unique_ptr<Session> session_;
    std::unique_ptr<Socket> socket_;
};

// Calls a function after a while, once for each time it is set.
// Threads   All on `context`. Lifetime  As Wire.
class Alarm {
public:
    explicit Alarm(Context& context);
    ~Alarm();
    Alarm(const Alarm&) = delete;
    Alarm& operator=(const Alarm&) = delete;

    void set(std::chrono::milliseconds delay, std::function<void()> handler);
    void cancel();

private:
    struct Timer;
    std::unique_ptr<Timer> timer_;
};

}  // namespace tarn::kv::postgres
