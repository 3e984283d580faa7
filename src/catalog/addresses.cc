#include "catalog/addresses.h"

#include <fmt/format.h>

#include "base/bytes.h"
#include "base/digest.h"
#include "base/error.h"
#include "base/ids.h"
#include "block/uri.h"

namespace tarn::catalog {

namespace {

constexpr std::chrono::hours link_lifetime{24};

// Length of the well-formed UTF-8 sequence at the start of `text`, 0 when there is none.
std::size_t sequence_length(std::string_view text) {
    for (std::size_t length = 1; length <= 4 && length <= text.size(); ++length) {
        if (is_utf8(text.substr(0, length))) return length;
    }
    return 0;
}

// A JSON string with the escapes of Go's encoder, whose bytes are signed.
std::string go_json_string(std::string_view text) {
    std::string json = "\"";
    while (!text.empty()) {
        const auto length = sequence_length(text);
        const std::string_view piece = text.substr(0, std::max<std::size_t>(length, 1));
        const auto byte = static_cast<unsigned char>(piece.front());
        if (length == 0)
            json += "\\ufffd";
        else if (piece == "\"" || piece == "\\")
            json.append("\\").append(piece);
        else if (piece == "\n")
            json += "\\n";
        else if (piece == "\r")
            json += "\\r";
        else if (piece == "\t")
            json += "\\t";
        else if (piece == "\b")
            json += "\\b";
        else if (piece == "\f")
            json += "\\f";
        else if (byte < 0x20 || piece == "<" || piece == ">" || piece == "&")
            json += fmt::format("\\u{:04x}", byte);
        else if (piece == "\xe2\x80\xa8")
            json += "\\u2028";
        else if (piece == "\xe2\x80\xa9")
            json += "\\u2029";
        else
            json += piece;
        text.remove_prefix(piece.size());
    }
    return json + '"';
}

std::string signature_of(std::string_view secret, const refs::Repository& repository,
                         std::string_view branch, std::string_view path, std::string_view address) {
    const std::string message =
        fmt::format(R"({{"Repository":{},"Branch":{},"Path":{},"PhysicalAddress":{}}})",
                    go_json_string(repository.id), go_json_string(branch), go_json_string(path),
                    go_json_string(address));
    return to_base64url(as_view(hmac_sha256(secret, message)));
}

std::string_view without_slash(std::string_view text) {
    while (text.ends_with('/')) text.remove_suffix(1);
    return text;
}

[[noreturn]] void refuse_link(std::string_view why) {
    throw Error(Code::invalid_argument, fmt::format("link address invalid: {}", why), "bad_link");
}

}  // namespace

std::string AddressMaker::next() {
    const Time now = clock_.now();
    const std::lock_guard lock(mutex_);
    if (partition_.empty() || names_ >= names_max || now - made_ > lifetime) {
        partition_ = new_descending_xid(now, Descending::from_year_4000);
        made_ = now;
        names_ = 0;
    }
    ++names_;
    return fmt::format("data/{}/{}", partition_, new_xid(now));
}

block::Address address_of(const refs::Repository& repository, const Entry& entry) {
    const bool whole =
        entry.address_type == AddressType::full ||
        (entry.address_type == AddressType::by_prefix && block::is_uri(entry.address));
    if (whole) return {"", entry.address};
    return {repository.storage_namespace, entry.address};
}

std::pair<std::string, AddressType> stored_address(const block::Store& blocks,
                                                   const refs::Repository& repository,
                                                   std::string_view physical_address) {
    const std::string given = fmt::format("{}/data/", without_slash(repository.storage_namespace));
    std::string shown = blocks.show({repository.storage_namespace, "data/x"});
    shown.pop_back();  // an object has a name; what is wanted is where it lies
    for (const std::string& prefix : {given, shown}) {
        if (physical_address.starts_with(prefix) && physical_address.size() > prefix.size()) {
            return {std::string(physical_address.substr(prefix.size() - 5)), AddressType::relative};
        }
    }
    return {std::string(physical_address), AddressType::full};
}

std::string sign_address(std::string_view secret, const refs::Repository& repository,
                         std::string_view branch, std::string_view path, std::string_view address) {
    return fmt::format("{},{}", address, signature_of(secret, repository, branch, path, address));
}

void verify_signed_address(std::string_view secret, const refs::Repository& repository,
                           std::string_view branch, std::string_view path,
                           std::string_view signed_address, Time now) {
    const auto comma = signed_address.rfind(',');
    if (comma == std::string_view::npos) refuse_link("it has no signature");
    const std::string_view address = signed_address.substr(0, comma);
    const std::string expected = signature_of(secret, repository, branch, path, address);
    if (!equals_in_constant_time(signed_address.substr(comma + 1), expected)) {
        refuse_link("it was not given out for this path of this branch");
    }
    const auto made = xid_time(address.substr(address.rfind('/') + 1));
    if (!made) refuse_link("its name holds no time");
    if (now - *made > link_lifetime) {
        throw Error(Code::invalid_argument, "link address expired: it is older than 24 hours",
                    "link_expired");
    }
}

}  // namespace tarn::catalog
