#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace tarn::gc::testing {

struct AddressRow {
    std::string address;
    std::int64_t created = 0;
};

// The rows of a file that AddressFile wrote, read by its footer. Throws std::runtime_error where
// the file is not of that form.
std::vector<AddressRow> read_addresses(std::string_view file);

}  // namespace tarn::gc::testing
