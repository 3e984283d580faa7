#include "block/testing/scripted_server.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>

#include "base/bytes.h"

namespace tarn::block {
namespace {

// Reads until `size` bytes are there; false when the connection ends before.
bool read_up_to(int connection, std::string& buffer, std::size_t size) {
    std::array<char, 65536> piece;
    while (buffer.size() < size) {
        const ssize_t got = ::recv(connection, piece.data(), piece.size(), 0);
        if (got <= 0) return false;
        buffer.append(piece.data(), static_cast<std::size_t>(got));
    }
    return true;
}

void send_all(int connection, std::string_view bytes) {
    while (!bytes.empty()) {
        const ssize_t sent = ::send(connection, bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (sent <= 0) return;
        bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
}

// Makes the end of the connection a reset.
void prepare_reset(int connection) {
    const linger at_once{1, 0};
    ::setsockopt(connection, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
}

ScriptedRequest parse_head(std::string_view head) {
    ScriptedRequest request;
    std::size_t end = head.find("\r\n");
    const std::string_view line = head.substr(0, end);
    const std::size_t space = line.find(' ');
    request.method = line.substr(0, space);
    request.target = line.substr(space + 1, line.rfind(' ') - space - 1);
    while (end != std::string_view::npos && end + 2 < head.size()) {
        const std::size_t begin = end + 2;
        end = head.find("\r\n", begin);
        const std::string_view field = head.substr(begin, end - begin);
        const std::size_t colon = field.find(':');
        request.fields.emplace_back(to_lower(field.substr(0, colon)),
                                    std::string(trim(field.substr(colon + 1))));
    }
    return request;
}

}  // namespace

std::string ScriptedRequest::field(std::string_view name) const {
    for (const auto& [known, value] : fields) {
        if (known == name) return value;
    }
    return {};
}

ScriptedServer::ScriptedServer(Script script) : script_(std::move(script)) {
    listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    ::bind(listener_, reinterpret_cast<sockaddr*>(&address), size);
    ::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size);
    port_ = ntohs(address.sin_port);
    ::listen(listener_, 128);
    accepting_ = std::thread([this] { accept_all(); });
}

ScriptedServer::~ScriptedServer() {
    ::shutdown(listener_, SHUT_RDWR);
    accepting_.join();
    {
        const std::lock_guard lock(mutex_);
        for (const int connection : open_) ::shutdown(connection, SHUT_RDWR);
    }
    for (std::thread& thread : threads_) thread.join();
    ::close(listener_);
}

std::vector<ScriptedRequest> ScriptedServer::requests() const {
    const std::lock_guard lock(mutex_);
    return requests_;
}

void ScriptedServer::accept_all() {
    while (true) {
        const int connection = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
        if (connection < 0) return;
        const std::lock_guard lock(mutex_);
        open_.push_back(connection);
        threads_.emplace_back([this, connection] { serve(connection); });
    }
}

void ScriptedServer::serve(int connection) {
    std::string buffer;
    while (serve_one(connection, buffer)) {
    }
    const std::lock_guard lock(mutex_);
    std::erase(open_, connection);
    ::close(connection);
}

bool ScriptedServer::serve_one(int connection, std::string& buffer) {
    std::size_t head_end = std::string::npos;
    while ((head_end = buffer.find("\r\n\r\n")) == std::string::npos) {
        if (!read_up_to(connection, buffer, buffer.size() + 1)) return false;
    }
    ScriptedRequest request = parse_head(std::string_view(buffer).substr(0, head_end));
    buffer.erase(0, head_end + 4);
    if (request.field("expect") == "100-continue") {
        send_all(connection, "HTTP/1.1 100 Continue\r\n\r\n");
    }
    const std::size_t length = parse_decimal(request.field("content-length")).value_or(0);
    if (!read_up_to(connection, buffer, length)) return false;
    request.body = buffer.substr(0, length);
    buffer.erase(0, length);
    ScriptedReply reply;
    {
        const std::lock_guard lock(mutex_);
        requests_.push_back(request);
        reply = script_(request, static_cast<int>(requests_.size()));
    }
    std::this_thread::sleep_for(reply.delay);
    if (reply.resets) {
        prepare_reset(connection);
        return false;
    }
    std::string head = "HTTP/1.1 " + std::to_string(reply.status) + " Scripted\r\n";
    for (const auto& [name, value] : reply.fields) head += name + ": " + value + "\r\n";
    const bool sized = head.find("Content-Length") != std::string::npos;
    if (!sized && reply.status != 204) {
        head += "Content-Length: " + std::to_string(reply.body.size()) + "\r\n";
    }
    send_all(connection, head + "\r\n");
    if (request.method == "HEAD") return true;
    send_all(
        connection,
        std::string_view(reply.body).substr(0, reply.resets_after.value_or(std::string::npos)));
    if (!reply.resets_after) return true;
    prepare_reset(connection);
    return false;
}

}  // namespace tarn::block
