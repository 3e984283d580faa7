#include <fmt/format.h>

#include "base/bytes.h"
#include "base/error.h"
#include "refs/internal/expression.h"
#include "refs/names.h"

namespace tarn::refs {
namespace {

constexpr std::string_view modifiers = "~^@$";
constexpr std::size_t digits_max = 9;  // no history is longer

[[noreturn]] void refuse(std::string_view text) {
    throw Error(Code::invalid_argument, fmt::format("'{}' is not a valid ref expression", text),
                "bad_ref");
}

Move parse_move(char kind, std::string_view number, std::string_view text) {
    Move move{kind == '~' ? Move::Kind::ancestor : Move::Kind::parent, 1};
    if (number.empty()) return move;
    const auto count = number.size() <= digits_max ? parse_decimal(number) : std::nullopt;
    if (!count) refuse(text);
    move.count = static_cast<std::int64_t>(*count);
    return move;
}

}  // namespace

Expression parse_expression(std::string_view text) {
    if (!is_ref_expression(text)) refuse(text);
    std::size_t at = text.find_first_of(modifiers);
    Expression expression;
    expression.base = text.substr(0, at);
    if (expression.base.empty()) refuse(text);
    while (at != text.npos) {
        const char kind = text[at];
        const std::size_t next = text.find_first_of(modifiers, at + 1);
        const std::string_view number = text.substr(at + 1, next - at - 1);
        if (kind == '@' || kind == '$') {
            const bool alone = expression.moves.empty() && next == text.npos && number.empty();
            if (!alone) refuse(text);
            expression.view = kind == '@' ? Expression::View::committed : Expression::View::staged;
        } else {
            expression.moves.push_back(parse_move(kind, number, text));
        }
        at = next;
    }
    return expression;
}

}  // namespace tarn::refs
