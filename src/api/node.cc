#include "api/node.h"

#include <algorithm>
#include <boost/json.hpp>
#include <vector>

#include "base/error.h"

namespace tarn::api {
namespace {

namespace json = boost::json;

constexpr std::size_t depth_max = 32;

const json::value& value_of(const void* erased) {
    return *static_cast<const json::value*>(erased);
}

std::size_t count_characters(std::string_view text) {
    std::size_t count = 0;
    for (const char byte : text) count += (static_cast<unsigned char>(byte) & 0xC0u) != 0x80u;
    return count;
}

}  // namespace

std::string Node::pointer() const {
    if (!parent_) return {};
    std::string out = parent_->pointer() + "/";
    for (const char letter : key_) {
        if (letter == '~') {
            out += "~0";
        } else if (letter == '/') {
            out += "~1";
        } else {
            out += letter;
        }
    }
    return out;
}

void Node::refuse(std::string reason) const {
    if (value_of(value_).is_null()) reason = "Value is not nullable";
    throw BodyFault{pointer(), std::move(reason)};
}

std::string Node::text(const TextRule& rule) const {
    const json::value& value = value_of(value_);
    if (value.is_null() && rule.nullable) return {};
    if (!value.is_string()) refuse("value must be a string");
    const std::string_view text = value.get_string();
    if (!rule.allowed.empty()) {
        std::string quoted = json::serialize(value);
        const bool known = rule.allowed.find("[" + quoted + ",") != std::string_view::npos ||
                           rule.allowed.find("[" + quoted + "]") != std::string_view::npos ||
                           rule.allowed.find("," + quoted + ",") != std::string_view::npos ||
                           rule.allowed.find("," + quoted + "]") != std::string_view::npos;
        if (!known) refuse("value is not one of the allowed values " + std::string(rule.allowed));
    }
    if (count_characters(text) < static_cast<std::size_t>(rule.minimum_length)) {
        refuse("minimum string length is " + std::to_string(rule.minimum_length));
    }
    if (!matches(rule.pattern, text)) refuse(std::string(refusal_of(rule.pattern)));
    return std::string(text);
}

std::int64_t Node::integer(std::int64_t minimum, std::int64_t maximum) const {
    const json::value& value = value_of(value_);
    if (!value.is_number()) refuse("value must be an integer");
    if (!value.is_int64()) {
        refuse(value.is_uint64() ? "number must be at most 9223372036854775807"
                                 : "value must be an integer");
    }
    if (value.get_int64() < minimum) refuse("number must be at least " + std::to_string(minimum));
    if (value.get_int64() > maximum) refuse("number must be at most " + std::to_string(maximum));
    return value.get_int64();
}

bool Node::boolean() const {
    const json::value& value = value_of(value_);
    if (!value.is_bool()) refuse("value must be a boolean");
    return value.get_bool();
}

void Node::members(std::initializer_list<std::string_view> required,
                   const VisitMember& visit) const {
    const json::value& value = value_of(value_);
    if (!value.is_object()) refuse("value must be an object");
    const json::object& object = value.get_object();
    std::vector<const json::key_value_pair*> ordered;
    for (const auto& member : object) ordered.push_back(&member);
    std::ranges::sort(ordered, {},
                      [](const auto* member) { return std::string_view(member->key()); });
    for (const auto* member : ordered) {
        visit(member->key(), Node(this, member->key(), &member->value()));
    }
    for (const std::string_view key : required) {
        if (object.contains(key)) continue;
        throw BodyFault{Node(this, key, value_).pointer(),
                        "property \"" + std::string(key) + "\" is missing"};
    }
}

void Node::elements(std::size_t minimum, const VisitElement& visit) const {
    const json::value& value = value_of(value_);
    if (!value.is_array()) refuse("value must be an array");
    const json::array& array = value.get_array();
    if (array.size() < minimum) refuse("minimum number of items is " + std::to_string(minimum));
    for (std::size_t index = 0; index < array.size(); ++index) {
        const std::string position = std::to_string(index);
        visit(Node(this, position, &array[index]));
    }
}

std::optional<std::string> decode_json(std::string_view bytes, std::string_view schema,
                                       const Node::VisitElement& decode) {
    json::parse_options options;
    options.max_depth = depth_max;
    json::stream_parser parser({}, options);
    boost::system::error_code error;
    parser.write_some(bytes.data(), bytes.size(), error);
    if (!error && !parser.done()) parser.finish(error);
    if (error) {
        return "request body has an error: failed to decode request body: " + error.message();
    }
    const json::value root = parser.release();
    try {
        decode(Node(nullptr, {}, &root));
    } catch (const BodyFault& fault) {
        std::string reason = "request body has an error: doesn't match schema";
        if (!schema.empty()) reason += " " + std::string(schema);
        reason += ": ";
        if (!fault.pointer.empty()) reason += "Error at \"" + fault.pointer + "\": ";
        return reason + fault.reason;
    }
    return std::nullopt;
}

}  // namespace tarn::api
