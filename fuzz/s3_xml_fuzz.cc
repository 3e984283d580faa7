#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/error.h"
#include "s3/xml.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
    const std::string_view body(reinterpret_cast<const char*>(bytes), size);
    try {
        tarn::s3::parse_delete_list(body);
    } catch (const tarn::Error&) {
    }
    try {
        tarn::s3::parse_part_list(body);
    } catch (const tarn::Error&) {
    }
    return 0;
}
