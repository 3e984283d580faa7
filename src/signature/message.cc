#include "signature/message.h"

#include "base/bytes.h"
#include "signature/internal/escape.h"

namespace tarn::signature {

std::optional<std::string_view> Message::find(std::string_view name) const {
    for (const auto& [field, value] : fields) {
        if (equals_ignoring_case(field, name)) return trim(value);
    }
    return std::nullopt;
}

std::string decode_query(std::string_view raw) {
    std::string decoded;
    decoded.reserve(raw.size());
    for (std::size_t at = 0; at < raw.size(); ++at) {
        if (const auto byte = internal::escaped_byte(raw, at)) {
            decoded += *byte;
            at += 2;
        } else {
            decoded += raw[at] == '+' ? ' ' : raw[at];
        }
    }
    return decoded;
}

}  // namespace tarn::signature
