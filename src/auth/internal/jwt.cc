#include "auth/internal/jwt.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <array>
#include <boost/json.hpp>

#include "base/bytes.h"
#include "base/digest.h"

namespace tarn::auth::internal {
namespace {

namespace json = boost::json;

constexpr std::string_view issuer = "auth";
constexpr std::string_view login_audience = "login";
constexpr std::string_view header_json = R"({"alg":"HS256","typ":"JWT"})";
constexpr std::size_t token_characters_max = 8192;

std::string sign(const EVP_MD* digest, const Secret& secret_key, std::string_view signed_part) {
    std::array<unsigned char, EVP_MAX_MD_SIZE> mac;
    unsigned size = 0;
    const std::string& key = secret_key.reveal();
    HMAC(digest, key.data(), static_cast<int>(key.size()),
         reinterpret_cast<const unsigned char*>(signed_part.data()), signed_part.size(), mac.data(),
         &size);
    return {reinterpret_cast<const char*>(mac.data()), size};
}

// The JSON object in a part of a token.
std::optional<json::object> read_part(std::string_view part) {
    const auto text = from_base64url(part);
    if (!text) return std::nullopt;
    boost::system::error_code failed;
    json::value value = json::parse(*text, failed);
    if (failed || !value.is_object()) return std::nullopt;
    return std::move(value.as_object());
}

const EVP_MD* find_digest(const json::object& header) {
    const json::value* algorithm = header.if_contains("alg");
    if (algorithm == nullptr || !algorithm->is_string()) return nullptr;
    const std::string_view name(algorithm->as_string());
    if (name == "HS256") return EVP_sha256();
    if (name == "HS384") return EVP_sha384();
    if (name == "HS512") return EVP_sha512();
    return nullptr;
}

std::optional<double> find_number(const json::object& claims, std::string_view name) {
    const json::value* value = claims.if_contains(name);
    if (value == nullptr || !value->is_number()) return std::nullopt;
    return value->to_number<double>();
}

// Tokens without an audience are for logins too.
bool is_for_login(const json::object& claims) {
    const json::value* audience = claims.if_contains("aud");
    if (audience == nullptr || audience->is_null()) return true;
    if (audience->is_string()) {
        const std::string_view name(audience->as_string());
        return name.empty() || name == login_audience;
    }
    if (!audience->is_array()) return false;
    const json::array& names = audience->as_array();
    for (const json::value& name : names) {
        if (name.is_string() && std::string_view(name.as_string()) == login_audience) return true;
    }
    return names.empty();
}

}  // namespace

std::string write_token(const Secret& secret_key, const Claims& claims) {
    const json::object body = {{"jti", claims.id},
                               {"iss", issuer},
                               {"sub", claims.user_name},
                               {"aud", login_audience},
                               {"iat", unix_seconds(claims.issued)},
                               {"exp", unix_seconds(claims.expires)}};
    std::string token = to_base64url(header_json) + '.' + to_base64url(json::serialize(body));
    const Sha256Digest mac = hmac_sha256(secret_key.reveal(), token);
    token += '.';
    token += to_base64url(as_view(mac));
    return token;
}

std::optional<std::string> read_token(const Secret& secret_key, std::string_view token, Time now) {
    if (token.size() > token_characters_max) return std::nullopt;
    const auto first = token.find('.');
    const auto last = token.rfind('.');
    if (first == token.npos || first == last) return std::nullopt;
    const auto header = read_part(token.substr(0, first));
    const EVP_MD* digest = header ? find_digest(*header) : nullptr;
    const auto mac = from_base64url(token.substr(last + 1));
    if (digest == nullptr || !mac) return std::nullopt;
    const std::string expected = sign(digest, secret_key, token.substr(0, last));
    if (!equals_in_constant_time(expected, *mac)) return std::nullopt;

    const auto claims = read_part(token.substr(first + 1, last - first - 1));
    if (!claims || !is_for_login(*claims)) return std::nullopt;
    const auto seconds = static_cast<double>(unix_seconds(now));
    const auto expires = find_number(*claims, "exp");
    const auto not_before = find_number(*claims, "nbf");
    if (!expires || *expires <= seconds) return std::nullopt;
    if (not_before && *not_before > seconds) return std::nullopt;
    const json::value* subject = claims->if_contains("sub");
    if (subject == nullptr || !subject->is_string()) return std::nullopt;
    return std::string(std::string_view(subject->as_string()));
}

}  // namespace tarn::auth::internal
