#include "http/internal/url.h"

#include <fmt/format.h>

#include "base/bytes.h"
#include "base/error.h"
#include "http/internal/syntax.h"

namespace tarn::http {

Origin parse_origin(std::string_view url) {
    const Error bad(Code::invalid_argument, fmt::format("'{}' is not http(s)://host[:port]", url));
    Origin origin;
    origin.is_tls = url.starts_with("https://");
    if (!origin.is_tls && !url.starts_with("http://")) throw bad;
    std::string_view authority = url.substr(origin.is_tls ? 8 : 7);
    if (authority.ends_with('/')) authority.remove_suffix(1);

    const std::string_view default_port = origin.is_tls ? "443" : "80";
    std::string_view host = authority;
    std::string_view port = default_port;
    const auto bracket = authority.rfind(']');
    const auto colon = authority.rfind(':');
    if (colon != std::string_view::npos && (bracket == std::string_view::npos || colon > bracket)) {
        host = authority.substr(0, colon);
        port = authority.substr(colon + 1);
    }
    const auto number = parse_decimal(port);
    if (host.empty() || !syntax::all(syntax::host, host)) throw bad;
    if (!number || *number == 0 || *number > 65535) throw bad;
    origin.host_field = port == default_port ? std::string(host) : fmt::format("{}:{}", host, port);
    if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
    origin.host = host;
    origin.port = port;
    origin.key = fmt::format("{}{}", origin.is_tls ? "s" : "p", origin.host_field);
    return origin;
}

}  // namespace tarn::http
