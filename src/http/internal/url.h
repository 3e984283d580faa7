#pragma once

#include <string>
#include <string_view>

namespace tarn::http {

// A server's address, as a client names it.
struct Origin {
    bool is_tls = false;
    std::string host;  // a name, or an IP address without brackets
    std::string port;
    std::string host_field;  // as in the Host field: without a default port
    std::string key;         // tells apart what connections may be shared for
};

// "http://host", "https://host:port", with brackets around IPv6. Errors  invalid_argument.
Origin parse_origin(std::string_view url);

}  // namespace tarn::http
