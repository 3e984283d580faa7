#include "block/multipart.h"

#include "base/bytes.h"
#include "base/digest.h"
#include "base/error.h"
#include "base/ids.h"

namespace tarn::block {

std::string multipart_etag(std::span<const Part> parts) {
    Md5 digest;
    for (const Part& part : parts) {
        const std::optional<std::string> binary = from_hex(part.etag);
        if (!binary || binary->size() != 16) {
            throw Error(Code::invalid_argument,
                        "the etag of part " + std::to_string(part.number) + " is no MD5",
                        "invalid_part");
        }
        digest.update(*binary);
    }
    return to_hex(as_view(digest.finish())) + "-" + std::to_string(parts.size());
}

std::string new_upload_id() {
    return to_hex(random_bytes(16));
}

void require_ascending(std::span<const Part> parts) {
    int previous = 0;
    for (const Part& part : parts) {
        if (part.number <= previous) {
            throw Error(Code::invalid_argument, "the parts are not in ascending order",
                        "invalid_part_order");
        }
        previous = part.number;
    }
    if (parts.empty()) {
        throw Error(Code::invalid_argument, "an upload needs at least one part", "invalid_part");
    }
}

void require_part_number(int number) {
    if (number < 1 || number > part_number_max) {
        throw Error(Code::invalid_argument,
                    "part number " + std::to_string(number) + " is outside of 1.." +
                        std::to_string(part_number_max),
                    "invalid_part_number");
    }
}

}  // namespace tarn::block
