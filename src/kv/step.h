#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <variant>

namespace tarn::kv {

// Where a value lives. Both parts are non-empty byte strings.
struct Key {
    std::string partition;
    std::string name;

    friend bool operator==(const Key&, const Key&) = default;
    friend auto operator<=>(const Key&, const Key&) = default;
};

// The state that a conditional write requires: absent, present, or equal to given bytes.
struct Absent {};
struct Present {};
struct Equals {
    std::string value;
};
using Expected = std::variant<Absent, Present, Equals>;

inline constexpr Absent absent{};
inline constexpr Present present{};
inline Expected equals(std::string_view value) {
    return Equals{std::string(value)};
}

// One step of a call.
struct Find {
    Key key;
};
struct Put {
    Key key;
    std::string value;
};
struct Remove {
    Key key;
};
struct PutIf {
    Key key;
    std::string value;
    Expected expected;
};
using Step = std::variant<Find, Put, Remove, PutIf>;

// What a step answers: `value` for Find (nothing when absent); `done` is false only for a PutIf
// whose expectation did not hold.
struct Result {
    std::optional<std::string> value;
    bool done = true;
};

// A name and value of one partition.
struct Pair {
    std::string name;
    std::string value;

    friend bool operator==(const Pair&, const Pair&) = default;
};

}  // namespace tarn::kv
