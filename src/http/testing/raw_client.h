#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace tarn::http {

// A blocking client for tests that want to choose every byte. What does not come within ten seconds
// counts as the connection's end.
class RawClient {
public:
    explicit RawClient(std::uint16_t port);
    ~RawClient();
    RawClient(const RawClient&) = delete;
    RawClient& operator=(const RawClient&) = delete;

    // False when the server does not take the bytes.
    bool send(std::string_view bytes);
    void end_sending();

    // Bytes up to and including `end`; all there were, when the connection ends before.
    std::string read_until(std::string_view end);
    std::string read_exactly(std::size_t size);
    // Everything up to the end of the connection.
    std::string read_all();

    // One answer with a Content-Length, head and body.
    std::string read_answer();
    // Whether the server has closed the connection, with nothing before.
    bool is_closed();

private:
    bool receive();

    int descriptor_;
    std::string buffer_;
};

// A server that takes one connection at a time and answers with fixed bytes, whatever it is asked.
// Threads  `serve_…` are called from a thread of the test's own.
class CannedServer {
public:
    CannedServer();
    ~CannedServer();
    CannedServer(const CannedServer&) = delete;
    CannedServer& operator=(const CannedServer&) = delete;

    std::uint16_t port() const { return port_; }
    // Takes one connection, reads a head, sends `answer` and closes.
    void serve_one(std::string_view answer);
    // The same with two heads and answers on one connection.
    void serve_two(std::string_view first, std::string_view second);

private:
    int accept();

    int listener_;
    std::uint16_t port_;
};

}  // namespace tarn::http
