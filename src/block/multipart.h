#pragma once

#include <span>
#include <string>

#include "block/store.h"

namespace tarn::block {

constexpr int part_number_max = 10'000;

// The ETag of an upload of these parts, S3's rule: hex MD5 over the binary MD5s in the order given,
// a dash, and their number. Errors  invalid_argument (detail "invalid_part"): an ETag that is no
// MD5.
std::string multipart_etag(std::span<const Part> parts);

// A new upload id: 32 hexadecimal digits.
std::string new_upload_id();

// Errors  invalid_argument (detail "invalid_part_order"): numbers that do not ascend, or no parts.
void require_ascending(std::span<const Part> parts);

// Errors  invalid_argument (detail "invalid_part_number"): outside of 1..part_number_max.
void require_part_number(int number);

}  // namespace tarn::block
