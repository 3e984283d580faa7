#include "block/s3/place.h"

#include <algorithm>
#include <utility>

#include "base/bytes.h"
#include "base/error.h"
#include "block/uri.h"

namespace tarn::block {
namespace {

[[noreturn]] void refuse(std::string_view address, std::string_view why) {
    throw Error(Code::invalid_argument, "'" + std::string(address) + "' " + std::string(why),
                "invalid_address");
}

S3Place place_of_uri(std::string_view text) {
    Uri uri = parse_uri(text);
    if (uri.scheme != "s3") refuse(text, "is not an s3:// address");
    if (uri.host.empty()) refuse(text, "names no bucket");
    return {std::move(uri.host), std::move(uri.key)};
}

// Whether a bucket may be a label of a host name.
bool is_label(std::string_view bucket, bool is_tls) {
    const auto is_good = [is_tls](char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' ||
               (c == '.' && !is_tls);
    };
    return bucket.size() >= 3 && bucket.size() <= 63 && std::ranges::all_of(bucket, is_good);
}

bool is_ip_address(std::string_view host) {
    if (host.starts_with('[')) return true;
    const std::string_view name = host.substr(0, host.rfind(':'));
    return std::ranges::all_of(name, [](char c) { return (c >= '0' && c <= '9') || c == '.'; });
}

std::string_view without_default_port(std::string_view host, bool is_tls) {
    const std::string_view port = is_tls ? ":443" : ":80";
    if (host.ends_with(port)) host.remove_suffix(port.size());
    return host;
}

}  // namespace

S3Place place_of(const Address& address) {
    if (address.key.empty()) refuse(address.storage_namespace, "and no key: an object needs one");
    if (address.storage_namespace.empty()) {
        S3Place place = place_of_uri(address.key);
        if (place.key.empty()) refuse(address.key, "names no object");
        return place;
    }
    S3Place place = folder_of(address.storage_namespace);
    place.key += address.key;
    return place;
}

S3Place folder_of(std::string_view storage_namespace) {
    S3Place place = place_of_uri(storage_namespace);
    while (place.key.ends_with('/')) place.key.pop_back();
    if (!place.key.empty()) place.key += '/';
    return place;
}

std::string amazon_host(std::string_view service, std::string_view region) {
    const std::string_view suffix =
        region.starts_with("cn-") ? ".amazonaws.com.cn" : ".amazonaws.com";
    return std::string(service) + "." + std::string(region) + std::string(suffix);
}

S3Target target_of(const S3Place& place, std::string_view endpoint, std::string_view region,
                   bool force_path_style) {
    std::string standard;
    if (endpoint.empty()) {
        standard = "https://" + amazon_host("s3", region);
        endpoint = standard;
    }
    const bool is_tls = endpoint.starts_with("https://");
    const std::size_t scheme_end = endpoint.find("://") + 3;
    const std::string_view authority = endpoint.substr(scheme_end);
    const std::size_t slash = authority.find('/');
    const std::string_view host = authority.substr(0, slash);
    std::string base(slash == std::string_view::npos ? "" : authority.substr(slash));
    while (base.ends_with('/')) base.pop_back();

    const bool in_path = force_path_style || is_ip_address(host) || !is_label(place.bucket, is_tls);
    S3Target target;
    std::string whole_host(host);
    target.path = std::move(base);
    if (in_path) {
        target.path += "/" + percent_encode(place.bucket);
        if (!place.key.empty()) target.path += "/" + percent_encode(place.key, "/");
    } else {
        whole_host = place.bucket + "." + whole_host;
        target.path += "/" + percent_encode(place.key, "/");
    }
    target.host = without_default_port(whole_host, is_tls);
    target.url = std::string(endpoint.substr(0, scheme_end)) + whole_host;
    return target;
}

}  // namespace tarn::block
