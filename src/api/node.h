#pragma once

#include <cstdint>
#include <functional>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>

#include "api/patterns.h"

namespace tarn::api {

// What a text of a request body must be.
struct TextRule {
    int minimum_length = 0;  // in characters
    Pattern pattern = Pattern::none;
    std::string_view allowed;  // a JSON list of texts; empty: any
    bool nullable = false;
};

// Why a body was refused: thrown by Node, caught by decode_body.
struct BodyFault {
    std::string pointer;  // "/paths/0/type"; empty: the body as a whole
    std::string reason;
};

// One value of a request body and where it stands. Reading it as something it is not throws a
// BodyFault that names the place. Lifetime  Of the visitor that received it.
class Node {
public:
    std::string text(const TextRule& rule) const;
    std::int64_t integer(std::int64_t minimum, std::int64_t maximum) const;
    bool boolean() const;

    using VisitMember = std::function<void(std::string_view key, const Node& item)>;
    using VisitElement = std::function<void(const Node& item)>;
    // The members of an object in order of their names, then a check that `required` ones were
    // there.
    void members(std::initializer_list<std::string_view> required, const VisitMember& visit) const;
    void elements(std::size_t minimum, const VisitElement& visit) const;

private:
    friend std::optional<std::string> decode_json(std::string_view, std::string_view,
                                                  const VisitElement&);
    Node(const Node* parent, std::string_view key, const void* value)
        : parent_(parent), key_(key), value_(value) {}
    [[noreturn]] void refuse(std::string reason) const;
    std::string pointer() const;

    const Node* parent_;
    std::string_view key_;
    const void* value_;
};

// Parses `bytes` (at most 32 levels deep; what follows the first value is ignored) and hands its
// root to `decode`. Returns why the body is refused, or nothing. `schema`:
// "#/components/schemas/X", or empty.
std::optional<std::string> decode_json(std::string_view bytes, std::string_view schema,
                                       const Node::VisitElement& decode);

}  // namespace tarn::api
