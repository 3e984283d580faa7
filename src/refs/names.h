#pragma once

#include <string_view>

namespace tarn::refs {

// The rules of names (formats 2.7); pure, bytewise, no regular expressions.
bool is_repository_name(std::string_view name);
bool is_branch_name(std::string_view name);
bool is_tag_name(std::string_view name);
bool is_ref_expression(std::string_view text);
bool is_commit_id(std::string_view text);  // 64 lower-case hexadecimal digits

}  // namespace tarn::refs
