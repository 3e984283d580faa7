#include <cstddef>
#include <cstdint>
#include <string_view>

#include "signature/claim.h"
#include "signature/v4.h"

// A line of query, a line of Authorization, a line of x-amz-content-sha256, the rest a path.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
    std::string_view rest(reinterpret_cast<const char*>(bytes), size);
    const auto line = [&rest] {
        const auto end = rest.find('\n');
        const auto text = rest.substr(0, end);
        rest = end == rest.npos ? std::string_view() : rest.substr(end + 1);
        return text;
    };
    const auto query = line();
    const auto authorization = line();
    const auto payload = line();
    std::vector<tarn::signature::FieldView> fields{{"Host", "localhost:80"},
                                                   {"x-amz-date", "20130524T000000Z"}};
    if (!authorization.empty()) fields.emplace_back("Authorization", authorization);
    if (!payload.empty()) fields.emplace_back("x-amz-content-sha256", payload);
    const tarn::signature::Message message{"GET", rest, query, fields, ""};
    const auto now = tarn::from_unix_seconds(1'369'353'600);
    const auto claim = tarn::signature::parse_claim(message, now, {});
    if (!claim) return 0;
    const tarn::Secret secret("secret");
    tarn::signature::verify_v2(message, *claim, secret);
    tarn::signature::canonical_request(message, *claim, false, {});
    return 0;
}
