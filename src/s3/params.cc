#include "s3/params.h"

#include "signature/message.h"

namespace tarn::s3 {

Params::Params(std::string_view query) {
    signature::each_query_item(
        query, [this](std::string_view name, std::string_view value, bool has_value) {
            items_.push_back(
                {signature::decode_query(name), signature::decode_query(value), has_value});
        });
}

std::optional<std::string_view> Params::find(std::string_view name) const {
    for (const auto& item : items_) {
        if (item.name == name) return item.value;
    }
    return std::nullopt;
}

}  // namespace tarn::s3
