#pragma once

#include <chrono>
#include <memory>
#include <string>

#include "base/stream.h"
#include "base/task.h"
#include "http/fields.h"

namespace tarn::http {

// A request to another server. `url` is "http://host:port" or "https://host:port"; `target` goes
// out byte for byte. Host is added when absent.
struct OutgoingRequest {
    std::string url;
    std::string method = "GET";
    std::string target = "/";
    Fields fields;
    ByteSource* body = nullptr;  // null: none; sent chunked when its size is unknown
};

// The answer; the body is read from the connection, which returns to the pool when it has been read
// whole.
struct IncomingResponse {
    int status = 0;
    Fields fields;
    std::unique_ptr<ByteSource> body;
};

struct ClientOptions {
    std::chrono::milliseconds connect_timeout{5'000};
    std::chrono::milliseconds response_timeout{60'000};  // to the first byte, and between bytes
    int idle_connections_per_host_max = 32;
    std::chrono::milliseconds idle_timeout{30'000};
    bool verify_certificates = true;
    std::string authority_file;  // PEM of the authorities to trust; empty: the system's
};

// An HTTP/1.1 client with pooled connections.
//
// Shape    A request of an idempotent method whose pooled connection proves to be closed is sent
//          once more on a new one, unless its body has been begun. With `Expect: 100-continue` the
//          body waits for the server's leave, for a second at most. Redirects are not followed.
// Threads  Any context. An answer's body is read, and let go, on the context that sent the request.
// Errors   unavailable: no connection, time over, or a broken answer; detail "not_sent" when
//          nothing of the request can have been taken, so that it is safe to send again.
//          invalid_argument: a bad url or target, or a body that is not as long as it said.
class Client {
public:
    explicit Client(ClientOptions options);
    ~Client();
    Task<IncomingResponse> send(OutgoingRequest request);

private:
    struct State;
    std::shared_ptr<State> state_;
};

}  // namespace tarn::http
