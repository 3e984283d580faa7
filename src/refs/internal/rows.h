#pragma once

#include <string>
#include <string_view>

#include "kv/step.h"
#include "refs/model.h"
#include "refs/protection.h"
#include "refs/records.h"

namespace tarn::refs {

// Where the records lie, and their bytes. Maps are written in key order. Errors of `decode_x`:
// corrupted. Source  docs/formats/refs.md

kv::Key repository_key(std::string_view id);
kv::Key metadata_key(const Repository& repository);
kv::Key branch_key(const Repository& repository, std::string_view name);
kv::Key tag_key(const Repository& repository, std::string_view name);
kv::Key commit_key(const Repository& repository, std::string_view id);
kv::Key protection_key(const Repository& repository);

inline constexpr std::string_view repositories_partition = "graveler";
inline constexpr std::string_view repositories_prefix = "repos/";
inline constexpr std::string_view branches_prefix = "branches/";
inline constexpr std::string_view tags_prefix = "tags/";
inline constexpr std::string_view commits_prefix = "commits/";

std::string encode(const Repository& repository);
std::string encode_metadata(const Metadata& metadata);
std::string encode_rules(const ProtectionRules& rules);

Repository decode_repository(std::string_view bytes);
Metadata decode_metadata(std::string_view bytes);
ProtectionRules decode_rules(std::string_view bytes);

}  // namespace tarn::refs
