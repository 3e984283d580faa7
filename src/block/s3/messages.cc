#include "block/s3/messages.h"

#include <array>

#include <pugixml.hpp>

#include "base/bytes.h"
#include "base/error.h"

namespace tarn::block {
namespace {

// Loads a document whose root is called `name`; nothing when it is another.
bool load(pugi::xml_document& document, std::string_view xml, const char* name) {
    const auto result =
        document.load_buffer(xml.data(), xml.size(), pugi::parse_default, pugi::encoding_utf8);
    return result && std::string_view(document.document_element().name()) == name;
}

pugi::xml_node require(pugi::xml_document& document, std::string_view xml, const char* name) {
    if (!load(document, xml, name)) {
        throw Error(Code::unavailable,
                    "the object store's answer is no " + std::string(name) + " document");
    }
    return document.document_element();
}

std::string text_of(const pugi::xml_node& node, const char* child) {
    return node.child(child).text().get();
}

void append_escaped(std::string& out, std::string_view text) {
    for (const char c : text) {
        switch (c) {
            case '&':
                out += "&amp;";
                break;
            case '<':
                out += "&lt;";
                break;
            case '>':
                out += "&gt;";
                break;
            case '\r':
                out += "&#13;";
                break;
            default:
                out += c;
        }
    }
}

// Reads `count` digits at `at`, or -1.
int digits(std::string_view text, std::size_t at, std::size_t count) {
    if (at + count > text.size()) return -1;
    const auto number = parse_decimal(text.substr(at, count));
    return number ? static_cast<int>(*number) : -1;
}

std::optional<Time> time_of(int year, int month, int day, int hour, int minute, int second) {
    const std::chrono::year_month_day date{std::chrono::year(year),
                                           std::chrono::month(static_cast<unsigned>(month)),
                                           std::chrono::day(static_cast<unsigned>(day))};
    const bool good = year >= 0 && month > 0 && day > 0 && date.ok() && hour >= 0 && hour < 24 &&
                      minute >= 0 && minute < 60 && second >= 0 && second <= 60;
    if (!good) return std::nullopt;
    return Time(std::chrono::sys_days(date)) + std::chrono::hours(hour) +
           std::chrono::minutes(minute) + std::chrono::seconds(second);
}

S3Fault fault_of(const pugi::xml_node& error) {
    return {text_of(error, "Code"), text_of(error, "Message"), text_of(error, "Region")};
}

}  // namespace

std::optional<S3Fault> parse_fault(std::string_view xml) {
    if (xml.find("<Error") == std::string_view::npos) return std::nullopt;
    pugi::xml_document document;
    if (load(document, xml, "Error")) return fault_of(document.document_element());
    // The token service wraps it.
    if (load(document, xml, "ErrorResponse")) {
        return fault_of(document.document_element().child("Error"));
    }
    return std::nullopt;
}

S3ListPage parse_list(std::string_view xml) {
    pugi::xml_document document;
    const pugi::xml_node root = require(document, xml, "ListBucketResult");
    const bool is_encoded = text_of(root, "EncodingType") == "url";
    S3ListPage page;
    for (const pugi::xml_node& item : root.children("Contents")) {
        Listed listed;
        listed.key = text_of(item, "Key");
        if (is_encoded) {
            // Form encoding, in which a plus sign is a space.
            for (char& c : listed.key) {
                if (c == '+') c = ' ';
            }
            auto decoded = percent_decode(listed.key);
            if (decoded) listed.key = std::move(*decoded);
        }
        listed.size_bytes = parse_decimal(text_of(item, "Size")).value_or(0);
        listed.modified = parse_iso_time(text_of(item, "LastModified")).value_or(Time{});
        listed.etag = unquoted(text_of(item, "ETag"));
        page.objects.push_back(std::move(listed));
    }
    if (text_of(root, "IsTruncated") == "true") {
        page.next_token = text_of(root, "NextContinuationToken");
    }
    return page;
}

PartPage parse_parts(std::string_view xml) {
    pugi::xml_document document;
    const pugi::xml_node root = require(document, xml, "ListPartsResult");
    PartPage page;
    for (const pugi::xml_node& item : root.children("Part")) {
        Part part;
        part.number = item.child("PartNumber").text().as_int();
        part.etag = unquoted(text_of(item, "ETag"));
        part.size_bytes = parse_decimal(text_of(item, "Size")).value_or(0);
        part.modified = parse_iso_time(text_of(item, "LastModified")).value_or(Time{});
        page.parts.push_back(std::move(part));
    }
    page.more = text_of(root, "IsTruncated") == "true";
    return page;
}

std::string parse_upload_id(std::string_view xml) {
    pugi::xml_document document;
    return text_of(require(document, xml, "InitiateMultipartUploadResult"), "UploadId");
}

S3Copied parse_copied(std::string_view xml) {
    pugi::xml_document document;
    const char* const name =
        load(document, xml, "CopyPartResult") ? "CopyPartResult" : "CopyObjectResult";
    const pugi::xml_node root = require(document, xml, name);
    return {unquoted(text_of(root, "ETag")),
            parse_iso_time(text_of(root, "LastModified")).value_or(Time{})};
}

std::string parse_completed(std::string_view xml) {
    pugi::xml_document document;
    return unquoted(text_of(require(document, xml, "CompleteMultipartUploadResult"), "ETag"));
}

std::optional<S3Fault> parse_deleted(std::string_view xml) {
    pugi::xml_document document;
    const pugi::xml_node root = require(document, xml, "DeleteResult");
    for (const pugi::xml_node& error : root.children("Error")) {
        S3Fault fault = fault_of(error);
        if (fault.code != "NoSuchKey") return fault;
    }
    return std::nullopt;
}

std::string write_completion(std::span<const S3Piece> pieces) {
    std::string xml = "<CompleteMultipartUpload xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">";
    for (const auto& [part, crc] : pieces) {
        xml += "<Part><PartNumber>" + std::to_string(part.number) + "</PartNumber><ETag>\"";
        append_escaped(xml, part.etag);
        xml += "\"</ETag>";
        if (!crc.empty()) xml += "<ChecksumCRC32C>" + crc + "</ChecksumCRC32C>";
        xml += "</Part>";
    }
    return xml + "</CompleteMultipartUpload>";
}

std::string write_deletion(std::span<const std::string> keys) {
    std::string xml = "<Delete xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">";
    xml += "<Quiet>true</Quiet>";
    for (const std::string& key : keys) {
        xml += "<Object><Key>";
        append_escaped(xml, key);
        xml += "</Key></Object>";
    }
    return xml + "</Delete>";
}

std::optional<Time> parse_http_date(std::string_view text) {
    constexpr std::array<std::string_view, 12> months{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                      "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    if (text.size() != 29 || !text.ends_with(" GMT")) return std::nullopt;
    int month = 0;
    for (std::size_t i = 0; i < months.size(); ++i) {
        if (text.substr(8, 3) == months[i]) month = static_cast<int>(i) + 1;
    }
    return time_of(digits(text, 12, 4), month, digits(text, 5, 2), digits(text, 17, 2),
                   digits(text, 20, 2), digits(text, 23, 2));
}

std::optional<Time> parse_iso_time(std::string_view text) {
    if (text.size() < 20 || text[10] != 'T' || !text.ends_with('Z')) return std::nullopt;
    std::optional<Time> time =
        time_of(digits(text, 0, 4), digits(text, 5, 2), digits(text, 8, 2), digits(text, 11, 2),
                digits(text, 14, 2), digits(text, 17, 2));
    if (!time || text[19] != '.') return time;
    std::int64_t unit = 100'000'000;
    for (std::size_t at = 20; at + 1 < text.size() && unit > 0; ++at, unit /= 10) {
        const int digit = digits(text, at, 1);
        if (digit < 0) return std::nullopt;
        *time += std::chrono::nanoseconds(digit * unit);
    }
    return time;
}

std::string unquoted(std::string_view etag) {
    etag = trim(etag);
    if (etag.size() >= 2 && etag.front() == '"' && etag.back() == '"') {
        etag = etag.substr(1, etag.size() - 2);
    }
    return std::string(etag);
}

}  // namespace tarn::block
