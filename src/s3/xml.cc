#include "s3/xml.h"

#include <fmt/format.h>

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

std::string unquoted(std::string_view etag) {
    etag = trim(etag);
    if (etag.size() >= 2 && etag.front() == '"' && etag.back() == '"') {
        etag = etag.substr(1, etag.size() - 2);
    }
    return std::string(etag);
}

}  // namespace

void append_escaped(std::string& out, std::string_view text) {
    for (const char byte : text) {
        switch (byte) {
            case '&':
                out += "&amp;";
                break;
            case '<':
                out += "&lt;";
                break;
            case '>':
                out += "&gt;";
                break;
            case '"':
                out += "&#34;";
                break;
            case '\'':
                out += "&#39;";
                break;
            default:
                if (static_cast<unsigned char>(byte) < 0x20) {
                    fmt::format_to(std::back_inserter(out), "&#x{:X};", byte);
                } else {
                    out += byte;
                }
        }
    }
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

XmlWriter& XmlWriter::time(std::string_view name, Time time) {
    auto text = format_rfc3339(from_unix_seconds(unix_seconds(time)));
    text.insert(text.size() - 1, ".000");
    return element(name, text);
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
