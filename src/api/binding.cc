#include "api/binding.h"

#include <charconv>
#include <utility>

#include "api/authentication.h"
#include "api/errors.h"
#include "base/bytes.h"

namespace tarn::api {
namespace {

std::string plus_to_space(std::string_view text) {
    std::string out(text);
    for (char& letter : out) {
        if (letter == '+') letter = ' ';
    }
    return out;
}

// One name or value of a query; nothing when an escape is malformed.
std::optional<std::string> decode_query(std::string_view text) {
    if (text.find_first_of("%+") == std::string_view::npos) return std::string(text);
    return percent_decode(plus_to_space(text));
}

std::string_view place_name(Place place) {
    switch (place) {
        case Place::path:
            return "path";
        case Place::query:
            return "query";
        case Place::header:
            return "header";
    }
    return {};
}

http::Response text_refusal(std::string message) {
    message += '\n';
    http::Response response =
        http::make_response(400, "text/plain; charset=utf-8", std::move(message));
    response.fields.add("X-Content-Type-Options", "nosniff");
    return response;
}

// Whether `text` is an integer in Go's notation with a prefix: it passes the schema, but not the
// binding.
bool is_prefixed_integer(std::string_view text) {
    if (text.starts_with('-') || text.starts_with('+')) text.remove_prefix(1);
    if (text.size() < 3 || text[0] != '0') return false;
    const char base = text[1];
    const std::string_view digits = base == 'x' || base == 'X'   ? "0123456789abcdefABCDEF"
                                    : base == 'o' || base == 'O' ? "01234567"
                                    : base == 'b' || base == 'B' ? "01"
                                                                 : "";
    return !digits.empty() && text.find_first_not_of(digits, 2) == std::string_view::npos;
}

}  // namespace

std::string decode_segment(std::string_view segment) {
    if (segment.find_first_of("%+") == std::string_view::npos) return std::string(segment);
    const auto once = percent_decode(segment);
    if (!once) return std::string(segment);
    return decode_query(*once).value_or(*once);
}

Bound::Bound(const Call& call, std::span<const Rule> rules) : slots_(rules.size()) {
    read(call, rules);
    for (std::size_t at = 0; at < rules.size(); ++at) {
        if (!check(rules[at], slots_[at])) return;
    }
}

void Bound::read(const Call& call, std::span<const Rule> rules) {
    read_query(call.request.query(), rules);
    for (std::size_t at = 0; at < rules.size(); ++at) {
        const Rule& rule = rules[at];
        Slot& slot = slots_[at];
        if (rule.place == Place::path) {
            slot.text =
                decode_segment(call.segments.values[static_cast<std::size_t>(rule.segment)]);
            slot.present = true;
        } else if (rule.place == Place::header) {
            const auto value = call.request.find(rule.name);
            if (!value) continue;
            slot.present = true;
            slot.text = std::string(*value);
            slot.repeated = call.request.find_all(rule.name).size() > 1;
        }
    }
}

void Bound::read_query(std::string_view query, std::span<const Rule> rules) {
    while (!query.empty()) {
        const std::size_t end = query.find('&');
        const std::string_view item = query.substr(0, end);
        query = end == std::string_view::npos ? std::string_view() : query.substr(end + 1);
        const std::size_t equals = item.find('=');
        const auto name = decode_query(item.substr(0, equals));
        if (!name || item.empty()) continue;
        auto value = decode_query(equals == std::string_view::npos ? "" : item.substr(equals + 1));
        if (!value) continue;
        for (std::size_t at = 0; at < rules.size(); ++at) {
            if (rules[at].place != Place::query || rules[at].name != *name) continue;
            Slot& slot = slots_[at];
            if (rules[at].kind == Kind::list) {
                slot.list.push_back(std::move(*value));
            } else if (slot.present) {
                slot.repeated = true;
            } else {
                slot.text = std::move(*value);
            }
            slot.present = true;
            break;
        }
    }
}

bool Bound::refuse_value(const Rule& rule, std::string_view reason) {
    refusal_ = refuse(400, "parameter \"" + std::string(rule.name) + "\" in " +
                               std::string(place_name(rule.place)) +
                               " has an error: " + std::string(reason));
    return false;
}

bool Bound::refuse_format(const Rule& rule, std::string_view reason) {
    refusal_ = text_refusal("Invalid format for parameter " + std::string(rule.name) + ": " +
                            std::string(reason));
    return false;
}

bool Bound::check(const Rule& rule, Slot& slot) {
    if (!slot.present) {
        return !rule.required || refuse_value(rule, "value is required but missing");
    }
    if (rule.kind == Kind::list) return true;
    if (slot.repeated) {
        return refuse_format(
            rule, "multiple values for single value parameter '" + std::string(rule.name) + "'");
    }
    if (rule.kind == Kind::integer) return check_number(rule, slot);
    if (rule.kind == Kind::boolean) return check_flag(rule, slot);
    if (slot.text.empty()) {
        return rule.allow_empty || refuse_value(rule, "empty value is not allowed");
    }
    if (!rule.allowed.empty() &&
        rule.allowed.find("\"" + slot.text + "\"") == std::string_view::npos) {
        return refuse_value(rule,
                            "value is not one of the allowed values " + std::string(rule.allowed));
    }
    return matches(rule.pattern, slot.text) || refuse_value(rule, refusal_of(rule.pattern));
}

bool Bound::check_number(const Rule& rule, Slot& slot) {
    if (slot.text.empty() || is_prefixed_integer(slot.text)) {
        return refuse_format(rule, "'" + slot.text + "' is no decimal integer");
    }
    std::string_view digits = slot.text;
    if (digits.size() > 1 && digits.front() == '+') digits.remove_prefix(1);
    std::int64_t number = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
    if (error == std::errc::result_out_of_range) {
        return refuse_value(rule,
                            "value " + slot.text + ": an invalid integer: value out of range");
    }
    if (error != std::errc() || end != digits.data() + digits.size()) {
        return refuse_value(rule, "value " + slot.text + ": an invalid integer: invalid syntax");
    }
    if (number < rule.minimum) {
        return refuse_value(rule, "number must be at least " + std::to_string(rule.minimum));
    }
    if (number > rule.maximum) {
        return refuse_value(rule, "number must be at most " + std::to_string(rule.maximum));
    }
    slot.number = number;
    return true;
}

bool Bound::check_flag(const Rule& rule, Slot& slot) {
    if (slot.text.empty()) return refuse_format(rule, "an empty value is no boolean");
    for (const std::string_view yes : {"1", "t", "T", "TRUE", "true", "True"}) {
        if (slot.text == yes) slot.flag = true;
    }
    for (const std::string_view no : {"0", "f", "F", "FALSE", "false", "False"}) {
        if (slot.text == no) slot.flag = false;
    }
    return slot.flag ||
           refuse_value(rule, "value " + slot.text + ": an invalid boolean: invalid syntax");
}

std::string Bound::text_or(std::size_t at, std::string_view otherwise) {
    return slots_[at].present ? std::move(slots_[at].text) : std::string(otherwise);
}

std::optional<std::string> Bound::optional_text(std::size_t at) {
    if (!slots_[at].present) return std::nullopt;
    return std::move(slots_[at].text);
}

Task<Body> read_body(Call& call, bool required) {
    Body body;
    try {
        body.bytes = co_await read_all(call.request.body(), json_body_bytes_max);
    } catch (const Error& error) {
        if (error.detail() != "too_large") throw;
        body.refusal = refuse(413, "request body is too large");
    }
    if (body.refusal) co_return body;
    if (body.bytes.empty()) {
        if (required) {
            body.refusal = refuse(400, "request body has an error: value is required but missing");
        }
        co_return body;
    }
    const std::string_view given = call.request.find("Content-Type").value_or("");
    if (trim(given.substr(0, given.find(';'))) != "application/json") {
        body.refusal =
            refuse(400, "request body has an error: header Content-Type has unexpected value \"" +
                            std::string(given) + "\"");
    }
    co_return body;
}

std::optional<http::Response> decode_body(std::string_view bytes, std::string_view schema,
                                          const Node::VisitElement& decode) {
    const auto reason = decode_json(bytes, schema, decode);
    if (!reason) return std::nullopt;
    return refuse(400, *reason);
}

Task<std::optional<http::Response>> admit(Call& call, Access access) {
    call.admitted = true;
    if (access == Access::none) co_return std::nullopt;
    const Verdict verdict = co_await authenticate(call);
    const bool refused =
        verdict == Verdict::wrong || (verdict == Verdict::anonymous && access == Access::required);
    if (refused) co_return refuse(401, "error authenticating request");
    co_return std::nullopt;
}

http::Response not_built(const Call&) {
    return refuse(501, "Not Implemented");
}

}  // namespace tarn::api
