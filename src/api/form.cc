#include "api/form.h"

#include <memory>
#include <utility>

#include "base/bytes.h"
#include "base/error.h"

namespace tarn::api {
namespace {

constexpr std::size_t fields_bytes_max = 64 * 1024;

bool is_token(std::string_view text) {
    if (text.empty()) return false;
    for (const char letter : text) {
        const auto byte = static_cast<unsigned char>(letter);
        if (byte <= 0x20 || byte >= 0x7F) return false;
        if (std::string_view("()<>@,;:\\\"/[]?=").find(letter) != std::string_view::npos)
            return false;
    }
    return true;
}

// The value of `name` among parameters ("; a=b; c=\"d\""), or nothing.
std::optional<std::string> find_parameter(std::string_view text, std::string_view name) {
    while (!text.empty()) {
        text.remove_prefix(1);
        text = trim(text);
        const std::size_t equals = text.find('=');
        if (equals == std::string_view::npos) return std::nullopt;
        const std::string_view key = trim(text.substr(0, equals));
        text = text.substr(equals + 1);
        std::string value;
        if (text.starts_with('"')) {
            std::size_t at = 1;
            for (; at < text.size() && text[at] != '"'; ++at) {
                if (text[at] == '\\' && at + 1 < text.size()) ++at;
                value += text[at];
            }
            text.remove_prefix(std::min(at + 1, text.size()));
        } else {
            value = std::string(trim(text.substr(0, text.find(';'))));
        }
        if (equals_ignoring_case(key, name)) return value;
        const std::size_t next = text.find(';');
        text = next == std::string_view::npos ? std::string_view() : text.substr(next);
    }
    return std::nullopt;
}

}  // namespace

MediaType read_media_type(std::string_view content_type) {
    const std::size_t semicolon = content_type.find(';');
    const std::string_view name = trim(content_type.substr(0, semicolon));
    const std::size_t slash = name.find('/');
    const bool good = is_token(name.substr(0, slash)) &&
                      (slash == std::string_view::npos || is_token(name.substr(slash + 1)));
    if (!good) return {};
    MediaType out{to_lower(name), std::nullopt};
    if (semicolon != std::string_view::npos) {
        out.boundary = find_parameter(content_type.substr(semicolon), "boundary");
    }
    return out;
}

FormPart::FormPart(ByteSource& body, std::string_view boundary)
    : body_(body), delimiter_("\r\n--" + std::string(boundary)) {}

Task<bool> FormPart::fill() {
    const Slice slice = co_await body_.next();
    if (slice.empty()) co_return false;
    pending_ += slice.bytes;
    co_return true;
}

// Drops everything through the next delimiter; false when the body ends first, or its last one was
// met.
Task<bool> FormPart::skip_to_delimiter() {
    std::size_t at = pending_.find(delimiter_);
    while (at == std::string::npos) {
        if (pending_.size() >= delimiter_.size()) {
            pending_.erase(0, pending_.size() - delimiter_.size() + 1);
        }
        const bool more = co_await fill();
        if (!more) co_return false;
        at = pending_.find(delimiter_);
    }
    pending_.erase(0, at + delimiter_.size());
    while (pending_.size() < 2) {
        const bool more = co_await fill();
        if (!more) co_return false;
    }
    co_return !pending_.starts_with("--");
}

// Reads the fields of a part, from behind its delimiter to the empty line.
Task<bool> FormPart::read_fields() {
    std::size_t end = pending_.find("\r\n\r\n");
    while (end == std::string::npos) {
        if (pending_.size() > fields_bytes_max) {
            throw Error(Code::invalid_argument, "the fields of a form part are too long");
        }
        const bool more = co_await fill();
        if (!more) co_return false;
        end = pending_.find("\r\n\r\n");
    }
    std::string_view fields = std::string_view(pending_).substr(0, end);
    name_.clear();
    content_type_.clear();
    while (!fields.empty()) {
        const std::size_t line_end = fields.find("\r\n");
        const std::string_view line = fields.substr(0, line_end);
        fields =
            line_end == std::string_view::npos ? std::string_view() : fields.substr(line_end + 2);
        const std::size_t colon = line.find(':');
        if (colon == std::string_view::npos) continue;
        const std::string_view field = trim(line.substr(0, colon));
        const std::string_view value = trim(line.substr(colon + 1));
        if (equals_ignoring_case(field, "Content-Type")) content_type_ = std::string(value);
        if (equals_ignoring_case(field, "Content-Disposition")) {
            const std::size_t semicolon = value.find(';');
            if (semicolon == std::string_view::npos) continue;
            name_ = find_parameter(value.substr(semicolon), "name").value_or("");
        }
    }
    // The line end before the body stays: an empty part's delimiter begins with it.
    pending_.erase(0, end + 2);
    co_return true;
}

Task<bool> FormPart::find(std::string_view name) {
    bool more = co_await skip_to_delimiter();
    while (more) {
        more = co_await read_fields();
        if (!more) break;
        if (name_ == name) {
            while (pending_.size() < 2) {
                more = co_await fill();
                if (!more) co_return false;
            }
            const bool empty_part = pending_.starts_with(delimiter_);
            if (!empty_part) pending_.erase(0, 2);
            ended_ = empty_part;
            co_return true;
        }
        more = co_await skip_to_delimiter();
    }
    co_return false;
}

Task<Slice> FormPart::next() {
    while (!ended_) {
        const std::size_t at = pending_.find(delimiter_);
        const std::size_t safe = at != std::string::npos ? at
                                 : pending_.size() < delimiter_.size()
                                     ? 0
                                     : pending_.size() - delimiter_.size() + 1;
        if (at != std::string::npos) ended_ = true;
        if (safe > 0) {
            auto piece = std::make_shared<std::string>(pending_.substr(0, safe));
            pending_.erase(0, safe);
            const std::string_view bytes = *piece;
            co_return Slice{std::move(piece), bytes};
        }
        if (ended_) break;
        const bool more = co_await fill();
        if (!more) throw Error(Code::invalid_argument, "multipart: NextPart: unexpected EOF");
    }
    co_return Slice{};
}

}  // namespace tarn::api
