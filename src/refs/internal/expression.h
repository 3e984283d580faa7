#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace tarn::refs {

// A step from a commit to an ancestor: `~count` along first parents, or to parent `count` of `^`.
struct Move {
    enum class Kind { ancestor, parent };
    Kind kind = Kind::ancestor;
    std::int64_t count = 1;
};

// A ref expression taken apart: `base`, then either one view of a branch or moves.
struct Expression {
    enum class View { plain, committed, staged };  // "", "@", "$"
    std::string base;
    View view = View::plain;
    std::vector<Move> moves;
};

// Pure. Errors  invalid_argument (detail "bad_ref").
Expression parse_expression(std::string_view text);

}  // namespace tarn::refs
