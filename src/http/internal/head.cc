#include "http/internal/head.h"

#include <algorithm>
#include <cstring>
#include <optional>

#include "base/bytes.h"
#include "http/internal/syntax.h"

namespace tarn::http {

HeadScanner::Found HeadScanner::scan(std::string_view bytes) {
    while (scanned_ < bytes.size()) {
        const void* found = std::memchr(bytes.data() + scanned_, '\n', bytes.size() - scanned_);
        if (found == nullptr) {
            scanned_ = bytes.size();
            return Found::more;
        }
        const auto feed = static_cast<std::size_t>(static_cast<const char*>(found) - bytes.data());
        if (feed == line_begin_ || bytes[feed - 1] != '\r') return Found::bad;
        scanned_ = feed + 1;
        if (feed == line_begin_ + 1) return Found::end;
        line_begin_ = scanned_;
    }
    return Found::more;
}

namespace {

constexpr std::size_t method_bytes_max = 32;

// Takes the next line, without its CR LF, off the front.
std::string_view take_line(std::string_view& head) {
    const std::size_t feed = head.find('\n');
    const std::string_view line = head.substr(0, feed - 1);
    head.remove_prefix(feed + 1);
    return line;
}

// Parses field lines up to the empty line. Returns 0, 400 or 431.
int parse_fields(std::string_view lines, std::vector<FieldView>& fields) {
    fields.clear();
    for (std::string_view line = take_line(lines); !line.empty(); line = take_line(lines)) {
        if (fields.size() == fields_max) return 431;
        std::size_t colon = 0;
        while (colon < line.size() && syntax::is(syntax::token, line[colon])) ++colon;
        if (colon == 0 || colon == line.size() || line[colon] != ':') return 400;
        const std::string_view value = trim(line.substr(colon + 1));
        if (!syntax::all(syntax::value, value)) return 400;
        fields.emplace_back(line.substr(0, colon), value);
    }
    return 0;
}

// Calls `visit` with each element of a comma-separated list.
template <class Visit>
void for_each_element(std::string_view list, Visit visit) {
    while (!list.empty()) {
        const auto end = std::min(list.find(','), list.size());
        const std::string_view element = trim(list.substr(0, end));
        if (!element.empty()) visit(element);
        list.remove_prefix(std::min(end + 1, list.size()));
    }
}

// What the fields say about framing and the connection.
struct Control {
    std::optional<std::uint64_t> content_length;
    bool chunked = false;
    bool unknown_coding = false;
    bool says_close = false;
    bool says_keep_alive = false;
    bool expects_continue = false;
    bool unknown_expectation = false;
    int hosts = 0;
    std::string_view host;
};

// False when a framing field is malformed or stands twice.
bool read_framing_field(std::string_view name, std::string_view value, Control& control) {
    if (name.size() == 14 && equals_ignoring_case(name, "Content-Length")) {
        if (control.content_length) return false;
        control.content_length = parse_decimal(value);
        return control.content_length.has_value();
    }
    if (name.size() == 17 && equals_ignoring_case(name, "Transfer-Encoding")) {
        if (control.chunked || control.unknown_coding) return false;
        control.chunked = equals_ignoring_case(value, "chunked");
        control.unknown_coding = !control.chunked;
    }
    return true;
}

bool read_control(const std::vector<FieldView>& fields, Control& control) {
    for (const auto& [name, value] : fields) {
        if (!read_framing_field(name, value, control)) return false;
        if (name.size() == 4 && equals_ignoring_case(name, "Host")) {
            ++control.hosts;
            control.host = value;
        } else if (name.size() == 10 && equals_ignoring_case(name, "Connection")) {
            for_each_element(value, [&control](std::string_view element) {
                control.says_close |= equals_ignoring_case(element, "close");
                control.says_keep_alive |= equals_ignoring_case(element, "keep-alive");
            });
        } else if (name.size() == 6 && equals_ignoring_case(name, "Expect")) {
            const bool known = equals_ignoring_case(value, "100-continue");
            control.expects_continue |= known;
            control.unknown_expectation |= !known;
        }
    }
    return true;
}

// "HTTP/1.0" and "HTTP/1.1". Returns the minor version, or a status from 400 on.
int parse_version(std::string_view text) {
    if (text == "HTTP/1.1") return 1;
    if (text == "HTTP/1.0") return 0;
    const bool well_formed = text.size() == 8 && text.starts_with("HTTP/") && text[6] == '.' &&
                             text[5] >= '0' && text[5] <= '9' && text[7] >= '0' && text[7] <= '9';
    return well_formed ? 505 : 400;
}

// Reduces "http://host/path" to "/path"; returns the authority, which then overrides Host.
std::optional<std::string_view> take_authority(std::string_view& target) {
    for (const std::string_view scheme : {"http://", "https://"}) {
        if (!equals_ignoring_case(target.substr(0, scheme.size()), scheme)) continue;
        const std::string_view rest = target.substr(scheme.size());
        const auto end = std::min(rest.find_first_of("/?"), rest.size());
        target = rest.substr(end);
        return rest.substr(0, end);
    }
    return std::nullopt;
}

int parse_request_line(std::string_view line, std::size_t target_bytes_max, RequestHead& out) {
    const auto first = line.find(' ');
    if (first == std::string_view::npos || first == 0 || first > method_bytes_max) return 400;
    out.method = line.substr(0, first);
    if (!syntax::all(syntax::token, out.method)) return 400;
    line.remove_prefix(first + 1);
    const auto second = line.find(' ');
    if (second == std::string_view::npos || second == 0) return 400;
    if (second > target_bytes_max) return 414;
    out.target = line.substr(0, second);
    if (!syntax::all(syntax::target, out.target)) return 400;
    const int version = parse_version(line.substr(second + 1));
    if (version >= 400) return version;
    out.minor_version = version;
    return 0;
}

// Sets what follows from the control fields. Returns 0 or a status.
int interpret(const Control& control, RequestHead& out) {
    if (control.hosts > 1 || (control.hosts == 0 && out.minor_version == 1)) return 400;
    if (!control.host.empty() && !syntax::all(syntax::host, control.host)) return 400;
    const bool encoded = control.chunked || control.unknown_coding;
    if (encoded && (control.content_length || out.minor_version == 0)) return 400;
    if (control.unknown_coding) return 501;
    if (control.unknown_expectation) return 417;

    out.framing = control.chunked ? Framing::chunked : Framing::none;
    out.content_length = control.content_length.value_or(0);
    if (out.content_length > 0) out.framing = Framing::fixed;
    out.keep_alive = !control.says_close && (out.minor_version == 1 || control.says_keep_alive);
    out.expects_continue =
        control.expects_continue && out.minor_version == 1 && out.framing != Framing::none;
    return 0;
}

}  // namespace

int parse_request_head(std::string_view head, std::size_t target_bytes_max, RequestHead& out) {
    const std::string_view line = take_line(head);
    if (const int status = parse_request_line(line, target_bytes_max, out); status != 0)
        return status;
    if (const int status = parse_fields(head, out.fields); status != 0) return status;

    Control control;
    if (!read_control(out.fields, control)) return 400;
    if (!out.target.starts_with('/')) {
        const auto authority = take_authority(out.target);
        if (authority) {
            if (authority->empty() || !syntax::all(syntax::host, *authority)) return 400;
            for (auto& [name, value] : out.fields) {
                if (equals_ignoring_case(name, "Host")) value = *authority;
            }
            if (out.target.empty()) out.target = "/";
        } else if (out.target != "*" || out.method != "OPTIONS") {
            return 400;
        }
    }
    return interpret(control, out);
}

bool parse_response_head(std::string_view head, std::string_view request_method,
                         ResponseHead& out) {
    const std::string_view line = take_line(head);
    if (line.size() < 12 || line[8] != ' ' || (line.size() > 12 && line[12] != ' ')) return false;
    const int version = parse_version(line.substr(0, 8));
    const auto status = parse_decimal(line.substr(9, 3));
    if (version >= 400 || !status || *status < 100 || !syntax::all(syntax::value, line))
        return false;
    out.status = static_cast<int>(*status);
    out.minor_version = version;
    if (parse_fields(head, out.fields) != 0) return false;

    Control control;
    if (!read_control(out.fields, control) || control.unknown_coding) return false;
    if (control.chunked && control.content_length) return false;
    out.content_length = control.content_length.value_or(0);
    out.framing = control.chunked          ? Framing::chunked
                  : control.content_length ? Framing::fixed
                                           : Framing::until_close;
    const bool bodiless =
        request_method == "HEAD" || out.status < 200 || out.status == 204 || out.status == 304;
    if (bodiless || (out.framing == Framing::fixed && out.content_length == 0))
        out.framing = Framing::none;
    out.keep_alive = !control.says_close && (version == 1 || control.says_keep_alive) &&
                     out.framing != Framing::until_close;
    return true;
}

}  // namespace tarn::http
