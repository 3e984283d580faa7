#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"

namespace tarn::s3 {

// An XML document that grows at its end.
class XmlWriter {
public:
    // `name_space`: whether the root carries Amazon's namespace.
    XmlWriter(std::string_view root, bool name_space);

    XmlWriter& open(std::string_view name);
    XmlWriter& close(std::string_view name);
    XmlWriter& element(std::string_view name, std::string_view text);
    XmlWriter& element(std::string_view name, std::uint64_t number);
    XmlWriter& text(std::string_view text);   // of the element that is open
    XmlWriter& raw(std::string_view markup);  // as it is
    XmlWriter& flag(std::string_view name, bool value);
    XmlWriter& time(std::string_view name, Time time);  // whole seconds, as Amazon writes it
    XmlWriter& etag(std::string_view name, std::string_view etag);  // in quotes

    // Closes the root and gives the document away.
    std::string finish();

private:
    std::string root_;
    std::string text_;
};

// Appends text with what XML must not hold as it is written as a reference.
void append_escaped(std::string& out, std::string_view text);

// The body of DeleteObjects.
struct DeleteList {
    struct Object {
        std::string key;
        std::string version;  // empty: none given
        std::string etag;     // without quotes; empty: none given
    };
    bool quiet = false;
    std::vector<Object> objects;
};

// The body of CompleteMultipartUpload.
struct PartList {
    struct Part {
        int number = 0;
        std::string etag;  // without quotes
    };
    std::vector<Part> parts;
};

// Errors  invalid_argument (detail "bad_xml"): no such document; no or more than 1,000 (10,000)
// items.
DeleteList parse_delete_list(std::string_view body);
PartList parse_part_list(std::string_view body);

}  // namespace tarn::s3
