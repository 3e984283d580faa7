#include "server/settings.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <charconv>

#include "base/bytes.h"
#include "base/error.h"

namespace tarn::server {

namespace {

const Key* find_key(std::string_view name) {
    const auto keys = all_keys();
    const auto found = std::ranges::find(keys, name, &Key::name);
    return found == keys.end() ? nullptr : &*found;
}

std::string variable_of(std::string_view prefix, std::string_view key) {
    std::string name(prefix);
    for (const char c : key) {
        name += c == '.' ? '_' : c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
    }
    return name;
}

std::optional<bool> parse_boolean(std::string_view text) {
    const std::string lower = to_lower(text);
    if (lower == "true" || lower == "t" || lower == "1") return true;
    if (lower == "false" || lower == "f" || lower == "0") return false;
    return std::nullopt;
}

std::optional<std::int64_t> parse_number(std::string_view text) {
    std::int64_t number = 0;
    const auto end = text.data() + text.size();
    const auto parsed = std::from_chars(text.data(), end, number);
    if (parsed.ec != std::errc() || parsed.ptr != end) return std::nullopt;
    return number;
}

// The rule that a value breaks, or nothing.
std::optional<std::string> broken_rule(const Key& key, std::string_view value) {
    std::optional<std::int64_t> number;
    switch (key.kind) {
        case Kind::text:
        case Kind::secret:
        case Kind::list:
            return std::nullopt;
        case Kind::boolean:
            if (parse_boolean(value)) return std::nullopt;
            return "must be true or false";
        case Kind::number:
            number = parse_number(value);
            if (!number) return "must be a whole number";
            break;
        case Kind::duration:
            if (const auto duration = parse_duration(value)) number = duration->count();
            if (!number) return "must be a duration such as 500ms, 5s, 15m or 24h";
            break;
    }
    const std::string_view unit = key.kind == Kind::duration ? " ms" : "";
    if (*number < key.low) return fmt::format("must be at least {}{}", key.low, unit);
    if (key.high != 0 && *number > key.high)
        return fmt::format("must be at most {}{}", key.high, unit);
    return std::nullopt;
}

// The texts of a YAML node by their full key.
void flatten(const YAML::Node& node, const std::string& prefix,
             std::map<std::string, std::string>& into) {
    if (node.IsMap()) {
        for (const auto& member : node) {
            const auto name = member.first.as<std::string>();
            flatten(member.second, prefix.empty() ? name : prefix + "." + name, into);
        }
    } else if (node.IsSequence()) {
        std::vector<std::string> items;
        for (const auto& item : node) items.push_back(item.as<std::string>());
        into[prefix] = fmt::format("{}", fmt::join(items, ","));
    } else if (node.IsScalar()) {
        into[prefix] = node.as<std::string>();
    }
}

}  // namespace

std::optional<std::chrono::milliseconds> parse_duration(std::string_view text) {
    if (text == "0") return std::chrono::milliseconds(0);
    std::chrono::milliseconds sum(0);
    while (!text.empty()) {
        const auto digits = std::min(text.find_first_not_of("0123456789"), text.size());
        const auto count = digits <= 12 ? parse_number(text.substr(0, digits)) : std::nullopt;
        if (!count) return std::nullopt;
        text.remove_prefix(digits);
        const auto letters = std::min(text.find_first_of("0123456789"), text.size());
        const std::string_view unit = text.substr(0, letters);
        text.remove_prefix(letters);
        if (unit == "ms")
            sum += std::chrono::milliseconds(*count);
        else if (unit == "s")
            sum += std::chrono::seconds(*count);
        else if (unit == "m")
            sum += std::chrono::minutes(*count);
        else if (unit == "h")
            sum += std::chrono::hours(*count);
        else
            return std::nullopt;
    }
    return sum;
}

Settings::Settings() {
    for (const Key& key : all_keys()) values_[std::string(key.name)].text = key.standard;
}

void Settings::set(std::string_view key, std::string_view text, std::string_view source) {
    const Key* known = find_key(key);
    if (known == nullptr) {
        throw Error(Code::invalid_argument,
                    fmt::format("{}: unknown configuration key '{}'", source, key));
    }
    if (const auto rule = broken_rule(*known, text)) {
        throw Error(Code::invalid_argument,
                    fmt::format("{}: {} is '{}' and {}", source, key, text, *rule));
    }
    values_[std::string(key)] = {std::string(text), std::string(source)};
}

void Settings::read_file(const std::string& path) {
    std::map<std::string, std::string> found;
    try {
        const YAML::Node root = YAML::LoadFile(path);
        if (!root.IsNull() && !root.IsMap()) {
            throw Error(Code::invalid_argument,
                        fmt::format("{}: must be a map of configuration keys", path));
        }
        if (root.IsMap()) flatten(root, "", found);
    } catch (const YAML::BadFile&) {
        throw Error(Code::invalid_argument, fmt::format("{}: cannot be read", path));
    } catch (const YAML::Exception& error) {
        throw Error(Code::invalid_argument,
                    fmt::format("{}:{}: not YAML: {}", path, error.mark.line + 1, error.msg));
    }
    for (const auto& [key, text] : found) set(key, text, path);
}

void Settings::read_environment(std::span<const std::string> names,
                                const Environment& environment) {
    for (const std::string_view prefix : {"LAKEFS_", "TARN_"}) {
        for (const Key& key : all_keys()) {
            const std::string variable = variable_of(prefix, key.name);
            if (const auto text = environment(variable)) set(key.name, *text, variable);
        }
        for (const std::string& name : names) {
            if (!name.starts_with(prefix)) continue;
            const bool known = std::ranges::any_of(
                all_keys(), [&](const Key& key) { return variable_of(prefix, key.name) == name; });
            if (!known) {
                throw Error(Code::invalid_argument,
                            fmt::format("environment: {} belongs to no configuration key", name));
            }
        }
    }
}

const Settings::Value& Settings::value(std::string_view key) const {
    const auto found = values_.find(key);
    CHECK(found != values_.end(), "only keys of the table are asked for");
    return found->second;
}

std::string Settings::text(std::string_view key) const {
    return value(key).text;
}

bool Settings::boolean(std::string_view key) const {
    return parse_boolean(value(key).text).value();
}

std::int64_t Settings::number(std::string_view key) const {
    return parse_number(value(key).text).value();
}

std::chrono::milliseconds Settings::duration(std::string_view key) const {
    return parse_duration(value(key).text).value();
}

std::vector<std::string> Settings::list(std::string_view key) const {
    std::vector<std::string> items;
    std::string_view rest = value(key).text;
    while (!rest.empty()) {
        const auto comma = std::min(rest.find(','), rest.size());
        const std::string_view item = trim(rest.substr(0, comma));
        if (!item.empty()) items.emplace_back(item);
        rest.remove_prefix(std::min(comma + 1, rest.size()));
    }
    return items;
}

bool Settings::is_set(std::string_view key) const {
    return value(key).source != "default";
}

std::string Settings::describe() const {
    std::string lines;
    for (const Key& key : all_keys()) {
        const Value& known = value(key.name);
        const bool hidden = key.kind == Kind::secret && !known.text.empty();
        lines +=
            fmt::format("{} = {}  ({})\n", key.name, hidden ? "***" : known.text, known.source);
    }
    return lines;
}

}  // namespace tarn::server
