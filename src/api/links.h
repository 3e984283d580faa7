#pragma once

#include <optional>

#include <string>
#include <string_view>

#include "api/call.h"
#include "refs/model.h"

namespace tarn::api {

// Upload addresses, which are given out signed for one path of one branch.

// 400 unless `address`, relative to the repository, was given out for this path.
void check_link(Call& call, const refs::Repository& repository, std::string_view branch,
                std::string_view path, std::string_view address);

// The relative address of what a client gave as that of a direct upload, checked so.
std::string link_of(Call& call, const refs::Repository& repository, std::string_view branch,
                    std::string_view path, std::string_view physical_address);

// What is stored where the client names no type.
std::string content_type_or_default(const std::optional<std::string>& given);

}  // namespace tarn::api
