#include "http/testing/raw_client.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <utility>

#include "base/bytes.h"
#include "base/error.h"

namespace tarn::http {

namespace {

void limit_waiting(int descriptor) {
    const timeval limit{10, 0};
    ::setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    ::setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
}

sockaddr_in loopback(std::uint16_t port) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return address;
}

std::size_t content_length(std::string_view head) {
    const auto at = to_lower(head).find("\r\ncontent-length: ");
    if (at == std::string::npos) return 0;
    const std::string_view rest = head.substr(at + 18);
    return parse_decimal(rest.substr(0, rest.find('\r'))).value_or(0);
}

}  // namespace

RawClient::RawClient(std::uint16_t port) : descriptor_(::socket(AF_INET, SOCK_STREAM, 0)) {
    const sockaddr_in address = loopback(port);
    limit_waiting(descriptor_);
    const int result =
        ::connect(descriptor_, reinterpret_cast<const sockaddr*>(&address), sizeof address);
    if (result != 0) throw Error(Code::unavailable, "the test's server does not listen");
}

RawClient::~RawClient() {
    ::close(descriptor_);
}

bool RawClient::send(std::string_view bytes) {
    while (!bytes.empty()) {
        const ssize_t size = ::send(descriptor_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (size <= 0) return false;
        bytes.remove_prefix(static_cast<std::size_t>(size));
    }
    return true;
}

void RawClient::end_sending() {
    ::shutdown(descriptor_, SHUT_WR);
}

bool RawClient::receive() {
    std::array<char, 65536> bytes;
    const ssize_t size = ::recv(descriptor_, bytes.data(), bytes.size(), 0);
    if (size > 0) buffer_.append(bytes.data(), static_cast<std::size_t>(size));
    return size > 0;
}

std::string RawClient::read_until(std::string_view end) {
    while (buffer_.find(end) == std::string::npos) {
        if (!receive()) return std::exchange(buffer_, {});
    }
    return read_exactly(buffer_.find(end) + end.size());
}

std::string RawClient::read_exactly(std::size_t size) {
    while (buffer_.size() < size) {
        if (!receive()) break;
    }
    std::string read = buffer_.substr(0, size);
    buffer_.erase(0, read.size());
    return read;
}

std::string RawClient::read_all() {
    while (receive()) continue;
    return std::exchange(buffer_, {});
}

std::string RawClient::read_answer() {
    std::string answer = read_until("\r\n\r\n");
    return answer + read_exactly(content_length(answer));
}

bool RawClient::is_closed() {
    char byte = 0;
    if (!buffer_.empty()) return false;
    const ssize_t size = ::recv(descriptor_, &byte, 1, 0);
    return size == 0 || (size < 0 && errno == ECONNRESET);
}

CannedServer::CannedServer() : listener_(::socket(AF_INET, SOCK_STREAM, 0)), port_(0) {
    sockaddr_in address = loopback(0);
    socklen_t size = sizeof address;
    limit_waiting(listener_);
    ::bind(listener_, reinterpret_cast<const sockaddr*>(&address), sizeof address);
    ::listen(listener_, 16);
    ::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size);
    port_ = ntohs(address.sin_port);
}

CannedServer::~CannedServer() {
    ::close(listener_);
}

int CannedServer::accept() {
    const int descriptor = ::accept(listener_, nullptr, nullptr);
    limit_waiting(descriptor);
    return descriptor;
}

namespace {

void serve(int descriptor, std::string_view answer) {
    std::string head;
    std::array<char, 4096> bytes;
    while (head.find("\r\n\r\n") == std::string::npos) {
        const ssize_t size = ::recv(descriptor, bytes.data(), bytes.size(), 0);
        if (size <= 0) break;
        head.append(bytes.data(), static_cast<std::size_t>(size));
    }
    ::send(descriptor, answer.data(), answer.size(), MSG_NOSIGNAL);
}

}  // namespace

void CannedServer::serve_one(std::string_view answer) {
    const int descriptor = accept();
    serve(descriptor, answer);
    ::close(descriptor);
}

void CannedServer::serve_two(std::string_view first, std::string_view second) {
    const int descriptor = accept();
    serve(descriptor, first);
    serve(descriptor, second);
    ::close(descriptor);
}

}  // namespace tarn::http
