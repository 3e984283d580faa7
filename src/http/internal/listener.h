#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace tarn::http {

// Connections that may wait to be accepted, per socket.
inline constexpr int backlog = 4096;

// Listening sockets for one address: as many as asked for, sharing one port.
struct Listeners {
    std::vector<int> descriptors;
    std::uint16_t port = 0;
};

// Opens them. `address` is "host:port", "[v6]:port" or ":port" (every interface).
// Errors  invalid_argument: the address is none, or is taken; nothing stays open then.
Listeners open_listeners(const std::string& address, int count);

}  // namespace tarn::http
