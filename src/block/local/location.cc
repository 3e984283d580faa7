#include "block/local/location.h"

#include <utility>

#include "base/error.h"
#include "block/uri.h"

namespace tarn::block {
namespace {

constexpr std::size_t component_bytes_max = 255;
constexpr std::size_t path_bytes_max = 4'000;

[[noreturn]] void refuse(std::string_view address, std::string_view why) {
    throw Error(Code::invalid_argument,
                "address '" + std::string(address) + "' " + std::string(why), "invalid_address");
}

void require_valid(std::string_view path, std::string_view address) {
    const std::string_view fault = fault_of_path(path);
    if (!fault.empty()) refuse(address, fault);
}

bool is_below(std::string_view path, const std::string& folder) {
    return path == folder || (path.starts_with(folder) && path[folder.size()] == '/');
}

Uri parse_local(std::string_view address) {
    Uri uri = parse_uri(address);
    if (uri.scheme != "local") refuse(address, "is not a local:// address");
    return uri;
}

}  // namespace

std::string_view fault_of_path(std::string_view path) {
    if (path.size() > path_bytes_max) return "is longer than 4000 bytes";
    if (path.find('\0') != std::string_view::npos) return "has a NUL byte";
    for (std::size_t at = 0;;) {
        const std::size_t slash = path.find('/', at);
        const std::string_view component = path.substr(at, slash - at);
        if (component.empty()) {
            return slash == std::string_view::npos ? "ends with a slash" : "has an empty component";
        }
        if (component == "." || component == "..") return "has a '.' or '..' component";
        if (component.size() > component_bytes_max) return "has a component of more than 255 bytes";
        if (slash == std::string_view::npos) return {};
        at = slash + 1;
    }
}

Locator::Locator(std::string root, std::vector<std::string> allowed_external)
    : root_(std::move(root)), allowed_external_(std::move(allowed_external)) {}

Location Locator::locate(const Address& address) const {
    if (address.key.empty()) refuse(address.storage_namespace, "names no object");
    Location location;
    if (address.storage_namespace.empty()) {
        const Uri uri = parse_local(address.key);
        if (!uri.host.empty()) refuse(address.key, "is no absolute path");
        location = locate_absolute("/" + uri.key);
    } else {
        location = locate_folder(address.storage_namespace);
        if (!location.path.empty()) location.path += '/';
        location.path += address.key;
    }
    require_valid(location.path, location.path);
    if (location.external.empty() && location.path.substr(0, location.path.find('/')) == reserved) {
        refuse(location.path, "is reserved");
    }
    return location;
}

Location Locator::locate_folder(std::string_view storage_namespace) const {
    const Uri uri = parse_local(storage_namespace);
    std::string path = uri.host + "/" + uri.key;
    while (path.ends_with('/')) path.pop_back();
    if (uri.host.empty()) return locate_absolute(path);
    require_valid(path, storage_namespace);
    if (uri.host == reserved) refuse(storage_namespace, "is reserved");
    return {"", std::move(path)};
}

Location Locator::locate_absolute(std::string_view path) const {
    const auto rest = [&](const std::string& folder) {
        return std::string(path.size() > folder.size() ? path.substr(folder.size() + 1) : "");
    };
    if (is_below(path, root_)) return {"", rest(root_)};
    for (const std::string& folder : allowed_external_) {
        if (!is_below(path, folder)) continue;
        Location location{folder, rest(folder)};
        if (!location.path.empty()) require_valid(location.path, path);
        return location;
    }
    refuse(path, "lies outside of the store and of the allowed folders");
}

std::string Locator::show(const Address& address) const {
    if (address.storage_namespace.empty()) {
        // lakeFS shows an absolute path behind the root of the store, readable or not.
        const std::string path = "/" + parse_local(address.key).key;
        if (!is_below(path, root_)) return "local://" + root_ + path;
    }
    const Location location = locate(address);
    const std::string& root = location.external.empty() ? root_ : location.external;
    return "local://" + root + "/" + location.path;
}

}  // namespace tarn::block
