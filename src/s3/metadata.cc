#include "s3/metadata.h"

#include <algorithm>
#include <array>

#include "base/bytes.h"
#include "s3/tags.h"

namespace tarn::s3 {
namespace {

constexpr std::string_view user_prefix = "x-amz-meta-";
constexpr std::string_view stored_prefix = "X-Amz-Meta-";
constexpr std::string_view stored_class = "X-Amz-Storage-Class";
constexpr std::size_t user_bytes_max = 2048;

constexpr std::array<std::string_view, 5> system_names{
    "Cache-Control", "Content-Disposition", "Content-Encoding", "Content-Language", "Expires"};

constexpr std::array<std::string_view, 12> storage_classes{
    "STANDARD",        "REDUCED_REDUNDANCY", "STANDARD_IA", "ONEZONE_IA", "INTELLIGENT_TIERING",
    "GLACIER",         "DEEP_ARCHIVE",       "OUTPOSTS",    "GLACIER_IR", "SNOW",
    "EXPRESS_ONEZONE", "FSX_OPENZFS"};

bool is_user_field(std::string_view name) {
    return name.size() > user_prefix.size() &&
           equals_ignoring_case(name.substr(0, user_prefix.size()), user_prefix);
}

bool is_token(std::string_view name) {
    return !name.empty() && std::ranges::all_of(name, [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               std::string_view("!#$%&'*+-.^_`|~").contains(c);
    });
}

// Content-Encoding without "aws-chunked", which is about the transfer.
std::string content_encoding(std::string_view field) {
    std::string kept;
    while (!field.empty()) {
        const auto end = field.find(',');
        const auto coding = trim(field.substr(0, end));
        field = end == field.npos ? std::string_view() : field.substr(end + 1);
        if (coding.empty() || equals_ignoring_case(coding, "aws-chunked")) continue;
        if (!kept.empty()) kept += ',';
        kept.append(coding);
    }
    return kept;
}

std::optional<Failure> read_user_metadata(const http::Request& request,
                                          catalog::Metadata& metadata) {
    std::size_t bytes = 0;
    for (const auto& [name, value] : request.fields()) {
        if (!is_user_field(name)) continue;
        auto key = to_lower(name.substr(user_prefix.size()));
        auto decoded = decode_words(trim(value));
        if (!decoded) return Failure{Fault::invalid_argument, "Invalid header value."};
        bytes += key.size() + decoded->size();
        auto [slot, is_new] = metadata.try_emplace(std::string(stored_prefix) + key);
        slot->second = is_new ? std::move(*decoded) : slot->second + "," + *decoded;
    }
    if (bytes > user_bytes_max) return Failure{Fault::metadata_too_large};
    return std::nullopt;
}

}  // namespace

std::expected<catalog::Metadata, Failure> read_metadata(const http::Request& request) {
    catalog::Metadata metadata;
    if (auto failure = read_user_metadata(request, metadata)) {
        return std::unexpected(std::move(*failure));
    }
    for (const auto name : system_names) {
        const auto field = request.find(name);
        if (!field) continue;
        auto value = name == "Content-Encoding" ? content_encoding(*field) : std::string(*field);
        if (!value.empty()) metadata.emplace(name, std::move(value));
    }
    if (const auto name = request.find("x-amz-storage-class")) {
        if (std::ranges::find(storage_classes, *name) == storage_classes.end()) {
            return std::unexpected(Failure{Fault::invalid_storage_class});
        }
        if (*name != "STANDARD") metadata.emplace(stored_class, *name);
    }
    if (const auto field = request.find("x-amz-tagging")) {
        const auto tags = parse_tag_field(*field);
        if (!tags) return std::unexpected(tags.error());
        set_tags(metadata, *tags);
    }
    return metadata;
}

void write_metadata(http::Fields& fields, const catalog::Metadata& metadata) {
    int missing = 0;
    for (const auto& [name, value] : metadata) {
        if (is_user_field(name)) {
            if (is_token(name)) {
                fields.add(to_lower(name), encode_words(value));
            } else {
                ++missing;
            }
        } else if (std::ranges::find(system_names, name) != system_names.end()) {
            fields.add(name, encode_words(value));
        } else if (name == stored_class) {
            fields.add("x-amz-storage-class", encode_words(value));
        }
    }
    const auto tags = metadata.contains("X-Amz-Tagging") ? tags_of(metadata) : Tags();
    if (!tags.empty()) fields.add("x-amz-tagging-count", std::to_string(tags.size()));
    if (missing > 0) fields.add("x-amz-missing-meta", std::to_string(missing));
}

std::optional<Failure> refuse_promises(const http::Request& request) {
    for (const auto& [name, value] : request.fields()) {
        if (name.size() < 9 || !equals_ignoring_case(name.substr(0, 6), "x-amz-")) continue;
        const auto lower = to_lower(name);
        const auto is = [&lower](std::string_view prefix) { return lower.starts_with(prefix); };
        if (is("x-amz-server-side-encryption-customer-") || is("x-amz-write-offset-bytes") ||
            is("x-amz-server-side-encryption-aws-kms-") ||
            (lower == "x-amz-server-side-encryption" && trim(value) != "AES256")) {
            return Failure{Fault::not_implemented};
        }
        if (is("x-amz-object-lock-")) {
            return Failure{Fault::invalid_request, "Bucket is missing Object Lock Configuration"};
        }
        const bool is_foreign_acl = lower == "x-amz-acl" && trim(value) != "private" &&
                                    trim(value) != "bucket-owner-full-control";
        if (is_foreign_acl || is("x-amz-grant-")) return Failure{Fault::acl_not_supported};
    }
    return std::nullopt;
}

std::string_view storage_class_of(const catalog::Metadata& metadata) {
    const auto found = metadata.find(std::string(stored_class));
    return found == metadata.end() ? std::string_view("STANDARD") : found->second;
}

}  // namespace tarn::s3
