#include "refs/names.h"

#include <algorithm>

namespace tarn::refs {
namespace {

constexpr std::size_t repository_name_min = 3;
constexpr std::size_t repository_name_max = 63;
constexpr std::size_t commit_id_size = 64;

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}
bool is_lower(char c) {
    return c >= 'a' && c <= 'z';
}
bool is_word(char c) {
    return is_digit(c) || is_lower(c) || (c >= 'A' && c <= 'Z') || c == '_';
}
bool is_space(char c) {
    return c == ' ' || (c >= '\t' && c <= '\r');
}

}  // namespace

bool is_repository_name(std::string_view name) {
    if (name.size() < repository_name_min || name.size() > repository_name_max) return false;
    if (name.front() == '-') return false;
    return std::ranges::all_of(name, [](char c) { return is_lower(c) || is_digit(c) || c == '-'; });
}

bool is_branch_name(std::string_view name) {
    if (name.empty() || name.front() == '-') return false;
    return std::ranges::all_of(name, [](char c) { return is_word(c) || c == '-'; });
}

bool is_tag_name(std::string_view name) {
    if (name.empty() || name == "@") return false;
    if (name.ends_with('.') || name.ends_with(".lock")) return false;
    if (name.find("..") != name.npos || name.find("@{") != name.npos) return false;
    // A tilde would make a name that no expression can refer to.
    constexpr std::string_view refused = "/^:?*[\\~";
    return std::ranges::none_of(name, [refused](char c) {
        return static_cast<unsigned char>(c) <= ' ' || refused.find(c) != refused.npos;
    });
}

bool is_ref_expression(std::string_view text) {
    return !text.empty() && std::ranges::none_of(text, is_space);
}

bool is_commit_id(std::string_view text) {
    return text.size() == commit_id_size &&
           std::ranges::all_of(text, [](char c) { return is_digit(c) || (c >= 'a' && c <= 'f'); });
}

}  // namespace tarn::refs
