#include <algorithm>
#include <array>
#include <map>

#include "base/bytes.h"
#include "base/digest.h"
#include "signature/v4.h"

namespace tarn::signature {
namespace {

// The parameters that are part of what SigV2 signs, in their own spelling.
constexpr std::array<std::string_view, 27> signed_parameters{"acl",
                                                             "cors",
                                                             "delete",
                                                             "encryption",
                                                             "lifecycle",
                                                             "location",
                                                             "logging",
                                                             "notification",
                                                             "partNumber",
                                                             "policy",
                                                             "requestPayment",
                                                             "response-cache-control",
                                                             "response-content-disposition",
                                                             "response-content-encoding",
                                                             "response-content-language",
                                                             "response-content-type",
                                                             "response-expires",
                                                             "restore",
                                                             "storageClass",
                                                             "tagging",
                                                             "torrent",
                                                             "uploadId",
                                                             "uploads",
                                                             "versionId",
                                                             "versioning",
                                                             "versions",
                                                             "website"};

std::string amazon_fields(const Message& message) {
    std::map<std::string, std::string> fields;
    for (const auto& [name, value] : message.fields) {
        if (name.size() <= 6 || !equals_ignoring_case(name.substr(0, 6), "x-amz-")) continue;
        auto& joined = fields[to_lower(name)];
        if (!joined.empty()) joined += ',';
        joined.append(trim(value));
    }
    std::string text;
    for (const auto& [name, value] : fields) text.append(name).append(":").append(value) += '\n';
    return text;
}

std::string parameters(std::string_view query) {
    std::vector<std::pair<std::string, std::string>> kept;
    each_query_item(query, [&kept](std::string_view name, std::string_view value, bool) {
        auto decoded = decode_query(name);
        if (!std::ranges::binary_search(signed_parameters, std::string_view(decoded))) return;
        kept.emplace_back(std::move(decoded), decode_query(value));
    });
    std::ranges::sort(kept);
    std::string text;
    for (const auto& [name, value] : kept) {
        text.append(text.empty() ? "?" : "&").append(name);
        if (!value.empty()) text.append("=").append(value);
    }
    return text;
}

// The forms in which clients name the path; the last is a bucket's with and without its slash.
std::vector<std::string> resources(const Message& message) {
    std::string path;
    if (!message.virtual_bucket.empty()) path.append("/").append(message.virtual_bucket);
    path.append(message.path);
    std::vector<std::string> forms{path};
    if (path.size() > 1 && path.ends_with('/')) {
        forms.push_back(path.substr(0, path.size() - 1));
    } else if (std::ranges::count(path, '/') == 1) {
        forms.push_back(path + "/");
    }
    return forms;
}

}  // namespace

std::optional<Refusal> verify_v2(const Message& message, const Claim& claim, const Secret& secret) {
    std::string date;
    if (claim.mechanism == Mechanism::v2_query) {
        date = claim.timestamp;
    } else if (!message.find("x-amz-date")) {
        date = message.find("date").value_or("");
    }
    std::string start;
    start.append(message.method).append("\n");
    start.append(message.find("content-md5").value_or("")).append("\n");
    start.append(message.find("content-type").value_or("")).append("\n");
    start.append(date).append("\n").append(amazon_fields(message));
    const auto query = parameters(message.query);
    const auto signature = from_base64(claim.signature);
    for (const auto& resource : resources(message)) {
        const auto expected = hmac_sha1(secret.reveal(), start + resource + query);
        if (signature && equals_in_constant_time(as_view(expected), *signature)) {
            return std::nullopt;
        }
    }
    return Refusal{Reason::mismatch,
                   "The request signature we calculated does not match the signature you provided. "
                   "Check your key and signing method.",
                   {{"AWSAccessKeyId", claim.access_key}, {"SignatureProvided", claim.signature}}};
}

}  // namespace tarn::signature
