#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace tarn::block {

// A request as a scripted server has read it.
struct ScriptedRequest {
    std::string method;
    std::string target;
    std::vector<std::pair<std::string, std::string>> fields;  // names in lower case
    std::string body;

    std::string field(std::string_view name) const;
};

// What it does with it.
struct ScriptedReply {
    int status = 200;
    std::vector<std::pair<std::string, std::string>> fields = {};
    std::string body = {};
    bool resets = false;                           // ends the connection without an answer
    std::optional<std::size_t> resets_after = {};  // ends it after so much of the body
    std::chrono::milliseconds delay{0};            // before it answers
};

// An HTTP server that a test tells what to answer: an object store that fails on purpose.
// Threads  A thread for each connection; the script runs under a lock.
class ScriptedServer {
public:
    using Script = std::function<ScriptedReply(const ScriptedRequest& request, int number)>;

    // `number` counts the requests from 1.
    explicit ScriptedServer(Script script);
    ~ScriptedServer();
    ScriptedServer(const ScriptedServer&) = delete;
    ScriptedServer& operator=(const ScriptedServer&) = delete;

    std::string url() const { return "http://127.0.0.1:" + std::to_string(port_); }
    std::vector<ScriptedRequest> requests() const;

private:
    void accept_all();
    void serve(int connection);
    // False when the connection is over.
    bool serve_one(int connection, std::string& buffer);

    const Script script_;
    int listener_ = -1;
    std::uint16_t port_ = 0;
    mutable std::mutex mutex_;
    std::vector<ScriptedRequest> requests_;
    std::vector<int> open_;
    std::vector<std::thread> threads_;
    std::thread accepting_;
};

}  // namespace tarn::block
