#include "api/links.h"

#include <utility>

#include "api/errors.h"
#include "api/house.h"
#include "api/json.h"
#include "base/bytes.h"

namespace tarn::api {
namespace {

// What clients are told of an upload address that was not given out for this path.
Error link_complaint(const refs::Repository& repository, std::string_view branch,
                     std::string_view path, std::string_view address, const Error& error) {
    if (error.detail() == "link_expired") return invalid("link address expired");
    const std::size_t comma = address.rfind(',');
    if (comma == std::string_view::npos) {
        return invalid("address is not signed: link address invalid");
    }
    if (from_base64url(address.substr(comma + 1))) {
        return invalid("invalid address signature: invalid address");
    }
    std::string text = "malformed address signature: {\"Repository\":";
    wire::append(text, std::string_view(repository.id));
    text += ",\"Branch\":";
    wire::append(text, branch);
    text += ",\"Path\":";
    wire::append(text, path);
    text += ",\"PhysicalAddress\":";
    wire::append(text, address.substr(0, comma));
    return invalid(text + "}: link address invalid");
}

}  // namespace

void check_link(Call& call, const refs::Repository& repository, std::string_view branch,
                std::string_view path, std::string_view address) {
    try {
        call.house.catalog.verify_signed_address(repository, branch, path, address);
    } catch (const Error& error) {
        throw link_complaint(repository, branch, path, address, error);
    }
}

std::string link_of(Call& call, const refs::Repository& repository, std::string_view branch,
                    std::string_view path, std::string_view physical_address) {
    if (physical_address.empty()) throw invalid("physical_address is required");
    auto [address, type] = call.house.catalog.stored_address(repository, physical_address);
    if (type != catalog::AddressType::relative) {
        throw invalid("physical address must be relative to the storage namespace");
    }
    check_link(call, repository, branch, path, address);
    return std::move(address);
}

std::string content_type_or_default(const std::optional<std::string>& given) {
    return given && !given->empty() ? *given : "application/octet-stream";
}

}  // namespace tarn::api
