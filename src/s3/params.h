#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tarn::s3 {

// The parameters of a query, decoded (a plus sign is a space), in their order.
class Params {
public:
    struct Item {
        std::string name;
        std::string value;
        bool has_value = false;  // "acl" and "acl=" are told apart
    };

    Params() = default;
    explicit Params(std::string_view query);

    // The first value of that name.
    std::optional<std::string_view> find(std::string_view name) const;
    bool has(std::string_view name) const { return find(name).has_value(); }
    const std::vector<Item>& all() const { return items_; }

private:
    std::vector<Item> items_;
};

}  // namespace tarn::s3
