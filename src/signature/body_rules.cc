#include "base/bytes.h"
#include "base/error.h"
#include "signature/body.h"

namespace tarn::signature {
namespace {

[[noreturn]] void refuse(std::string why, std::string_view detail) {
    throw Error(Code::invalid_argument, std::move(why), detail);
}

void read_checksum(const Message& message, BodyRules& rules) {
    for (const auto& [name, value] : message.fields) {
        const auto kind = checksum_of_header(name);
        if (!kind) continue;
        if (rules.checksum) {
            refuse(
                "Expecting a single x-amz-checksum- header. Multiple checksum Types are not "
                "allowed.",
                "invalid_checksum");
        }
        auto raw = from_base64(trim(value));
        if (!raw || raw->size() != size_of(*kind)) {
            refuse("Value for " + std::string(header_of(*kind)) + " header is invalid.",
                   "invalid_checksum");
        }
        rules.checksum = kind;
        rules.checksum_value = std::move(raw);
    }
}

void read_trailer(const Message& message, BodyRules& rules) {
    const auto trailer = message.find("x-amz-trailer");
    if (!trailer) {
        if (rules.payload == Payload::signed_chunks) return;
        refuse("The value specified in the x-amz-trailer header is not supported",
               "invalid_checksum");
    }
    const auto kind = checksum_of_header(*trailer);
    if (!kind) {
        refuse("The value specified in the x-amz-trailer header is not supported",
               "invalid_checksum");
    }
    if (rules.checksum) {
        refuse("Expecting a single x-amz-checksum- header", "invalid_checksum");
    }
    rules.checksum = kind;
}

void read_algorithm(const Message& message, const BodyRules& rules) {
    const auto algorithm = message.find("x-amz-sdk-checksum-algorithm");
    if (!algorithm) return;
    const auto kind = checksum_of_algorithm(*algorithm);
    if (!kind || rules.checksum != kind) {
        refuse(
            "x-amz-sdk-checksum-algorithm specified, but no corresponding x-amz-checksum-* or "
            "x-amz-trailer headers were found.",
            "invalid_checksum");
    }
}

}  // namespace

BodyRules body_rules(const Message& message, const Claim& claim, std::optional<Seed> seed) {
    BodyRules rules;
    rules.payload = claim.payload;
    rules.seed = std::move(seed);
    if (claim.payload == Payload::signed_whole) {
        rules.sha256 = from_hex(claim.payload_word).value_or("");
    }
    if (const auto md5 = message.find("content-md5")) {
        auto raw = from_base64(*md5);
        if (!raw || raw->size() != 16) {
            refuse("The Content-MD5 you specified is not valid.", "invalid_digest");
        }
        rules.md5 = std::move(raw);
    }
    read_checksum(message, rules);
    if (is_chunked(claim.payload)) {
        const auto length = message.find("x-amz-decoded-content-length");
        const auto number = length ? parse_decimal(*length) : std::nullopt;
        if (!number) {
            refuse("You must provide the Content-Length HTTP header.", "missing_length");
        }
        rules.decoded_length = *number;
        read_trailer(message, rules);
    }
    read_algorithm(message, rules);
    return rules;
}

}  // namespace tarn::signature
