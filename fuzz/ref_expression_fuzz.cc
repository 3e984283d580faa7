// Ref expressions and branch patterns as clients send them.

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/error.h"
#include "refs/internal/expression.h"
#include "refs/names.h"
#include "refs/protection.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace tarn;
    const std::string_view input(reinterpret_cast<const char*>(data), size);

    refs::is_tag_name(input);
    refs::is_repository_name(input);
    try {
        const refs::Expression expression = refs::parse_expression(input);
        CHECK(!expression.base.empty(), "an accepted expression has a base");
    } catch (const Error&) {
    }
    try {
        refs::matches_glob(input, "release-1/2");
    } catch (const Error&) {
    }
    return 0;
}
