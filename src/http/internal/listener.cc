#include "http/internal/listener.h"

#include <fmt/format.h>
#include <netdb.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <memory>
#include <utility>

#include "base/bytes.h"
#include "base/error.h"

namespace tarn::http {

namespace {

class Descriptor {
public:
    explicit Descriptor(int value) : value_(value) {}
    ~Descriptor() {
        if (value_ >= 0) ::close(value_);
    }
    Descriptor(Descriptor&& other) noexcept : value_(std::exchange(other.value_, -1)) {}
    Descriptor& operator=(Descriptor&&) = delete;
    int get() const { return value_; }
    int release() { return std::exchange(value_, -1); }

private:
    int value_;
};

struct Endpoint {
    sockaddr_storage address{};
    socklen_t size = 0;
};

Endpoint resolve(const std::string& address) {
    const auto colon = address.rfind(':');
    if (colon == std::string::npos || !parse_decimal(address.substr(colon + 1))) {
        throw Error(Code::invalid_argument,
                    fmt::format("listen address '{}' is not host:port", address));
    }
    std::string host = address.substr(0, colon);
    if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
    addrinfo hints{};
    hints.ai_socktype = SOCK_STREAM;
    hints.ai_flags = AI_PASSIVE | AI_NUMERICSERV;
    if (host.empty()) hints.ai_family = AF_INET;
    addrinfo* found = nullptr;
    const std::string port = address.substr(colon + 1);
    const int failure =
        ::getaddrinfo(host.empty() ? nullptr : host.c_str(), port.c_str(), &hints, &found);
    if (failure != 0) {
        throw Error(Code::invalid_argument, fmt::format("listen address '{}' is unknown: {}",
                                                        address, ::gai_strerror(failure)));
    }
    const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> owner(found, &::freeaddrinfo);
    Endpoint endpoint;
    std::memcpy(&endpoint.address, found->ai_addr, found->ai_addrlen);
    endpoint.size = found->ai_addrlen;
    return endpoint;
}

Descriptor open_bound(const Endpoint& endpoint, bool shares_port, const std::string& address) {
    Descriptor made(
        ::socket(endpoint.address.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    const int on = 1;
    ::setsockopt(made.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (shares_port) ::setsockopt(made.get(), SOL_SOCKET, SO_REUSEPORT, &on, sizeof on);
    if (::bind(made.get(), reinterpret_cast<const sockaddr*>(&endpoint.address), endpoint.size) !=
        0) {
        throw Error(Code::invalid_argument,
                    fmt::format("cannot listen on '{}': {}", address, std::strerror(errno)));
    }
    return made;
}

std::uint16_t port_of(const Endpoint& endpoint) {
    // The port stands at the same place in both families.
    return ntohs(reinterpret_cast<const sockaddr_in*>(&endpoint.address)->sin_port);
}

}  // namespace

Listeners open_listeners(const std::string& address, int count) {
    Endpoint endpoint = resolve(address);
    {
        // A socket that does not share its port finds out whether another process listens there.
        const Descriptor probe = open_bound(endpoint, false, address);
        if (::listen(probe.get(), 1) != 0) {
            throw Error(Code::invalid_argument,
                        fmt::format("cannot listen on '{}': {}", address, std::strerror(errno)));
        }
    }
    std::vector<Descriptor> opened;
    for (int index = 0; index < count; ++index) {
        opened.push_back(open_bound(endpoint, true, address));
        if (::listen(opened.back().get(), backlog) != 0) {
            throw Error(Code::invalid_argument,
                        fmt::format("cannot listen on '{}': {}", address, std::strerror(errno)));
        }
        ::getsockname(opened.back().get(), reinterpret_cast<sockaddr*>(&endpoint.address),
                      &endpoint.size);
    }
    Listeners listeners;
    listeners.port = port_of(endpoint);
    for (Descriptor& descriptor : opened) listeners.descriptors.push_back(descriptor.release());
    return listeners;
}

}  // namespace tarn::http
