#pragma once

#include <string>
#include <string_view>

#include "refs/model.h"

namespace tarn::refs {

// The bytes of branches, tags and commits, as rows and dumps hold them. Maps are written in key
// order. Errors  corrupted: bytes that are not what they must be. Source  docs/formats/refs.md

std::string encode(const Branch& branch);
std::string encode(const Tag& tag);
std::string encode(const Commit& commit);

Branch decode_branch(std::string_view bytes);
Tag decode_tag(std::string_view bytes);
Commit decode_commit(std::string_view bytes);

}  // namespace tarn::refs
