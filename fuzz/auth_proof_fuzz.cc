// Login tokens and session cookies as clients send them, past the check of their MACs too.

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "auth/internal/jwt.h"
#include "auth/internal/session.h"
#include "base/bytes.h"
#include "base/digest.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace tarn;
    const std::string_view input(reinterpret_cast<const char*>(data), size);
    const Secret secret("some secret");
    const Time now = from_unix_seconds(1700000000);

    auth::internal::read_token(secret, input, now);
    auth::internal::read_session(secret, input, now);

    const std::string part = to_base64url(R"({"alg":"HS256"})") + '.' + to_base64url(input);
    const Sha256Digest token_mac = hmac_sha256(secret.reveal(), part);
    auth::internal::read_token(secret, part + '.' + to_base64url(as_view(token_mac)), now);

    const std::string dated = "1700000000|" + to_base64url(input);
    const Sha256Digest mac = hmac_sha256(secret.reveal(), "internal_auth_session|" + dated);
    const std::string value = dated + '|' + std::string(as_view(mac));
    auth::internal::read_session(secret, to_base64url(value), now);
    return 0;
}
