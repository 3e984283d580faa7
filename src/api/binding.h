#pragma once

#include <cstdint>
#include <functional>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "api/call.h"
#include "api/node.h"
#include "api/patterns.h"

namespace tarn::api {

// What the generated code of an operation is made of.

enum class Place { path, query, header };
enum class Kind { text, integer, boolean, list };
inline constexpr std::int64_t no_minimum = std::numeric_limits<std::int64_t>::min();
inline constexpr std::int64_t no_maximum = std::numeric_limits<std::int64_t>::max();

// One parameter of an operation.
struct Rule {
    std::string_view name;
    Place place = Place::query;
    Kind kind = Kind::text;
    bool required = false;
    bool allow_empty = false;
    std::int64_t minimum = no_minimum;
    std::int64_t maximum = no_maximum;
    Pattern pattern = Pattern::none;
    std::string_view allowed;  // a JSON list of texts; empty: any
    int segment = -1;          // its number among the variable segments
};

// The parameters of a request, read and checked in the order of their rules.
class Bound {
public:
    Bound(const Call& call, std::span<const Rule> rules);

    bool refused() const { return refusal_.has_value(); }
    http::Response refusal() { return std::move(*refusal_); }

    // By the rule's number; a text may be taken once.
    std::string text(std::size_t at) { return std::move(slots_[at].text); }
    std::string text_or(std::size_t at, std::string_view otherwise);
    std::optional<std::string> optional_text(std::size_t at);
    std::optional<std::int64_t> integer(std::size_t at) const { return slots_[at].number; }
    bool flag(std::size_t at, bool otherwise) const { return slots_[at].flag.value_or(otherwise); }
    std::vector<std::string> list(std::size_t at) { return std::move(slots_[at].list); }

private:
    struct Slot {
        bool present = false;
        bool repeated = false;
        std::string text;
        std::optional<std::int64_t> number;
        std::optional<bool> flag;
        std::vector<std::string> list;
    };
    void read(const Call& call, std::span<const Rule> rules);
    void read_query(std::string_view query, std::span<const Rule> rules);
    bool check(const Rule& rule, Slot& slot);
    bool check_number(const Rule& rule, Slot& slot);
    bool check_flag(const Rule& rule, Slot& slot);
    bool refuse_value(const Rule& rule, std::string_view reason);
    bool refuse_format(const Rule& rule, std::string_view reason);

    std::vector<Slot> slots_;
    std::optional<http::Response> refusal_;
};

// A JSON body: its bytes (empty: none was sent), or why it is refused.
struct Body {
    std::string bytes;
    std::optional<http::Response> refusal;
};
inline constexpr std::size_t json_body_bytes_max = 16 * 1024 * 1024;
Task<Body> read_body(Call& call, bool required);

std::optional<http::Response> decode_body(std::string_view bytes, std::string_view schema,
                                          const Node::VisitElement& decode);

enum class Access { none, optional, required };
// Checks the credentials; an answer when the request may not go on.
Task<std::optional<http::Response>> admit(Call& call, Access access);

// The answer of operations that are not offered yet.
http::Response not_built(const Call& call);

// Decoding of a path segment: percent-decoded, then once more as query text where that is
// well-formed.
std::string decode_segment(std::string_view segment);

}  // namespace tarn::api
