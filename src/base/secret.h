#pragma once

#include <string>
#include <utility>

namespace tarn {

// A string that must not be printed. `reveal` is the only way to its characters.
class Secret {
public:
    Secret() = default;
    explicit Secret(std::string value) : value_(std::move(value)) {}
    const std::string& reveal() const { return value_; }
    bool empty() const { return value_.empty(); }

private:
    std::string value_;
};

}  // namespace tarn
