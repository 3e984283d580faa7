#pragma once

#include <string>

#include "versions/compare.h"

namespace tarn::api {

struct DiffStyle {
    bool removed_size = true;  // removed objects show the size they had; else 0
    bool right = false;        // with the facts of the entry that the difference carries
};

// A DiffList, encoded straight from the entries.
std::string diff_list(const versions::DiffPage& page, DiffStyle style);

}  // namespace tarn::api
