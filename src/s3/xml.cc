#include "s3/xml.h"

#include <fmt/format.h>

#include <chrono>

#include <pugixml.hpp>

#include "base/bytes.h"
#include "base/error.h"

namespace tarn::s3 {
namespace {

constexpr std::size_t deletions_max = 1'000;
constexpr std::size_t parts_max = 10'000;

[[noreturn]] void malformed(const char* why) {
    throw Error(Code::invalid_argument, why, "bad_xml");
}

// Loads a document and returns its root, which must be called `name`.
pugi::xml_node load(pugi::xml_document& document, std::string_view body, const char* name) {
    const auto result =
        document.load_buffer(body.data(), body.size(), pugi::parse_default, pugi::encoding_utf8);
    if (!result) malformed("the body is no XML document");
    const auto root = document.document_element();
    if (std::string_view(root.name()) != name) malformed("the document has another root");
    return root;
}

// How a character is written that XML takes for its own; empty for others.
std::string_view reference_of(char byte) {
    switch (byte) {
        case '&':
            return "&amp;";
        case '<':
            return "&lt;";
        case '>':
            return "&gt;";
        case '"':
            return "&#34;";
        case '\'':
            return "&#39;";
        default:
            return {};
    }
}

// Writes `value` with leading zeros so that it ends before `end`.
void write_digits(char* end, unsigned value, int digits) {
    for (int digit = 0; digit < digits; ++digit, value /= 10) {
        *--end = static_cast<char>('0' + value % 10);
    }
}

std::string unquoted(std::string_view etag) {
    etag = trim(etag);
    if (etag.size() >= 2 && etag.front() == '"' && etag.back() == '"') {
        etag = etag.substr(1, etag.size() - 2);
    }
    return std::string(etag);
}

}  // namespace

void append_escaped(std::string& out, std::string_view text) {
    std::size_t plain = 0;  // where the stretch begins that is still to be copied
    for (std::size_t at = 0; at < text.size(); ++at) {
        const char byte = text[at];
        if (static_cast<unsigned char>(byte) > '>') continue;
        const auto reference = reference_of(byte);
        const bool is_control = static_cast<unsigned char>(byte) < 0x20;
        if (reference.empty() && !is_control) continue;
        out.append(text, plain, at - plain);
        plain = at + 1;
        if (is_control) {
            fmt::format_to(std::back_inserter(out), "&#x{:X};", byte);
        } else {
            out.append(reference);
        }
    }
    out.append(text, plain);
}

XmlWriter::XmlWriter(std::string_view root, bool name_space) : root_(root) {
    text_.reserve(512);
    text_ = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<";
    text_.append(root);
    if (name_space) text_.append(" xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"");
    text_ += '>';
}

XmlWriter& XmlWriter::open(std::string_view name) {
    text_.append("<").append(name) += '>';
    return *this;
}

XmlWriter& XmlWriter::close(std::string_view name) {
    text_.append("</").append(name) += '>';
    return *this;
}

XmlWriter& XmlWriter::element(std::string_view name, std::string_view text) {
    open(name);
    append_escaped(text_, text);
    return close(name);
}

XmlWriter& XmlWriter::element(std::string_view name, std::uint64_t number) {
    const fmt::format_int digits(number);
    open(name);
    text_.append(digits.data(), digits.size());
    return close(name);
}

XmlWriter& XmlWriter::text(std::string_view text) {
    append_escaped(text_, text);
    return *this;
}

XmlWriter& XmlWriter::raw(std::string_view markup) {
    text_.append(markup);
    return *this;
}

XmlWriter& XmlWriter::flag(std::string_view name, bool value) {
    return element(name, value ? std::string_view("true") : std::string_view("false"));
}

// A page of 1,000 keys has as many times: this is several times as fast as a general formatter.
XmlWriter& XmlWriter::time(std::string_view name, Time time) {
    const auto days = std::chrono::floor<std::chrono::days>(time);
    const std::chrono::year_month_day date(days);
    const auto second =
        static_cast<unsigned>(std::chrono::floor<std::chrono::seconds>(time - days).count());
    char text[] = "0000-00-00T00:00:00.000Z";
    write_digits(text + 4, static_cast<unsigned>(static_cast<int>(date.year())), 4);
    write_digits(text + 7, static_cast<unsigned>(date.month()), 2);
    write_digits(text + 10, static_cast<unsigned>(date.day()), 2);
    write_digits(text + 13, second / 3'600, 2);
    write_digits(text + 16, second / 60 % 60, 2);
    write_digits(text + 19, second % 60, 2);
    open(name);
    text_.append(text);
    return close(name);
}

XmlWriter& XmlWriter::etag(std::string_view name, std::string_view etag) {
    open(name);
    text_.append("&#34;");
    append_escaped(text_, etag);
    text_.append("&#34;");
    return close(name);
}

std::string XmlWriter::finish() {
    close(root_);
    return std::move(text_);
}

DeleteList parse_delete_list(std::string_view body) {
    pugi::xml_document document;
    const auto root = load(document, body, "Delete");
    DeleteList list;
    list.quiet = equals_ignoring_case(trim(root.child_value("Quiet")), "true");
    for (const auto object : root.children("Object")) {
        if (list.objects.size() == deletions_max) malformed("more than 1,000 objects");
        if (!object.child("Key")) malformed("an object without a key");
        list.objects.push_back({object.child_value("Key"), object.child_value("VersionId"),
                                unquoted(object.child_value("ETag"))});
    }
    if (list.objects.empty()) malformed("no objects");
    return list;
}

PartList parse_part_list(std::string_view body) {
    pugi::xml_document document;
    const auto root = load(document, body, "CompleteMultipartUpload");
    PartList list;
    for (const auto part : root.children("Part")) {
        if (list.parts.size() == parts_max) malformed("more than 10,000 parts");
        const auto number = parse_decimal(trim(part.child_value("PartNumber")));
        auto etag = unquoted(part.child_value("ETag"));
        if (!number || *number < 1 || *number > parts_max || etag.empty()) {
            malformed("a part without number or ETag");
        }
        list.parts.push_back({static_cast<int>(*number), std::move(etag)});
    }
    if (list.parts.empty()) malformed("no parts");
    return list;
}

}  // namespace tarn::s3
