#include "s3/target.h"

#include "base/bytes.h"

namespace tarn::s3 {

ObjectKey split_key(std::string_view key) {
    const auto slash = key.find('/');
    if (slash == key.npos) return {std::string(key), {}, false};
    return {std::string(key.substr(0, slash)), std::string(key.substr(slash + 1)), true};
}

HostMatch match_host(std::string_view host, std::span<const std::string> domain_names) {
    for (const auto& domain : domain_names) {
        if (equals_ignoring_case(host, domain)) return {true, {}};
        if (host.size() <= domain.size() + 1) continue;
        const auto label = host.substr(0, host.size() - domain.size() - 1);
        if (host[label.size()] == '.' && label.find('.') == label.npos &&
            equals_ignoring_case(host.substr(label.size() + 1), domain)) {
            return {false, label};
        }
    }
    return {};
}

std::optional<Target> parse_target(std::string_view raw_path, std::string_view host,
                                   std::span<const std::string> domain_names) {
    std::string decoded;
    std::string_view path = raw_path;
    if (path.find('%') != path.npos) {
        auto bytes = percent_decode(path);
        if (!bytes) return std::nullopt;
        decoded = std::move(*bytes);
        path = decoded;
    }
    if (path.starts_with('/')) path.remove_prefix(1);
    Target target;
    const auto label = match_host(host, domain_names).bucket;
    if (!label.empty()) {
        target.bucket = label;
        target.virtual_bucket = label;
    } else {
        const auto slash = path.find('/');
        target.bucket = path.substr(0, slash);
        path = slash == path.npos ? std::string_view() : path.substr(slash + 1);
    }
    if (path.empty()) return target;
    if (!is_utf8(path)) return std::nullopt;
    target.key = split_key(path);
    return target;
}

std::optional<CopySource> parse_copy_source(std::string_view field) {
    constexpr std::string_view version_name = "?versionId=";
    CopySource source;
    if (const auto at = field.find(version_name); at != field.npos) {
        source.version = field.substr(at + version_name.size());
        field = field.substr(0, at);
    }
    const auto decoded = percent_decode(field);
    if (!decoded) return std::nullopt;
    std::string_view path = *decoded;
    if (path.starts_with('/')) path.remove_prefix(1);
    const auto slash = path.find('/');
    if (slash == path.npos || slash == 0) return std::nullopt;
    source.bucket = path.substr(0, slash);
    source.key = split_key(path.substr(slash + 1));
    if (source.key.ref.empty() || source.key.path.empty()) return std::nullopt;
    return source;
}

}  // namespace tarn::s3
