#include "http/fields.h"

#include <algorithm>

#include "base/bytes.h"

namespace tarn::http {

void Fields::add(std::string_view name, std::string_view value) {
    fields_.emplace_back(name, value);
}

void Fields::set(std::string_view name, std::string_view value) {
    std::string kept(value);  // `value` may be a view of a field that goes away
    remove(name);
    fields_.emplace_back(std::string(name), std::move(kept));
}

void Fields::remove(std::string_view name) {
    std::erase_if(fields_,
                  [name](const auto& field) { return equals_ignoring_case(field.first, name); });
}

std::optional<std::string_view> Fields::find(std::string_view name) const {
    for (const auto& [key, value] : fields_) {
        if (equals_ignoring_case(key, name)) return value;
    }
    return std::nullopt;
}

std::vector<std::string_view> Fields::find_all(std::string_view name) const {
    std::vector<std::string_view> found;
    for (const auto& [key, value] : fields_) {
        if (equals_ignoring_case(key, name)) found.emplace_back(value);
    }
    return found;
}

}  // namespace tarn::http
