#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/stream.h"

namespace tarn::api {

// The boundary of a multipart/form-data content type.
struct MediaType {
    std::string name;  // lower case, "multipart/form-data"; empty: none can be read
    std::optional<std::string> boundary;
};
MediaType read_media_type(std::string_view content_type);

// One part of a multipart/form-data body, streamed.
// Limits   The fields of a part take at most 64 KiB.
// Errors   invalid_argument: the body ends inside a part.
class FormPart final : public ByteSource {
public:
    FormPart(ByteSource& body, std::string_view boundary);

    // Goes to the first part of that name; false when there is none.
    Task<bool> find(std::string_view name);
    // Its content type; empty when it has none.
    const std::string& content_type() const { return content_type_; }

    Task<Slice> next() override;
    std::optional<std::uint64_t> size() const override { return std::nullopt; }

private:
    Task<bool> fill();
    Task<bool> skip_to_delimiter();
    Task<bool> read_fields();

    ByteSource& body_;
    const std::string delimiter_;
    std::string pending_ =
        "\r\n";  // read, not yet handed out; the first boundary has no line end before it
    std::string name_;
    std::string content_type_;
    bool ended_ = false;
};

}  // namespace tarn::api
