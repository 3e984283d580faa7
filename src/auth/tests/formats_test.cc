#include <gtest/gtest.h>

#include "auth/internal/jwt.h"
#include "auth/internal/records.h"
#include "auth/internal/secret_box.h"
#include "auth/internal/session.h"
#include "base/bytes.h"
#include "base/digest.h"
#include "base/testing/golden_vectors.h"

namespace tarn::auth::internal {
namespace {

const Secret some_secret("some secret");

std::string text_of(const boost::json::value& value) {
    return std::string(std::string_view(value.as_string()));
}

TEST(SecretBox, StoresWhatTheFormatSays) {
    const std::string salt = *from_hex("0001020304050607");
    const std::string nonce = *from_hex("000102030405060708090a0b0c0d0e0f1011121314151617");

    const std::string stored = seal_secret_with(some_secret, Secret("test string"), salt, nonce);

    EXPECT_EQ(to_hex(stored),
              "0001020304050607000102030405060708090a0b0c0d0e0f10111213141516178424c59b5fb0df7b595c"
              "59b0e5429ba4286fa00bb0d9b818bb3863");
    EXPECT_EQ(open_secret(some_secret, stored)->reveal(), "test string");
}

TEST(SecretBox, DoesNotOpenUnderAnotherKeyOrWhenDamaged) {
    std::string stored = seal_secret(some_secret, Secret("plain"));

    EXPECT_FALSE(open_secret(Secret("other"), stored));
    EXPECT_FALSE(open_secret(some_secret, stored.substr(0, 40)));
    stored.back() = static_cast<char>(stored.back() ^ 1);
    EXPECT_FALSE(open_secret(some_secret, stored));
}

TEST(SecretBox, OpensRecordedSecrets) {
    const auto vectors = find_vectors(TARN_SOURCE_DIR);
    if (!vectors) GTEST_SKIP() << "no recorded vectors here (TARN_GOLDEN_DIR)";
    for (const auto& vector : vectors->at("encrypted_secrets").as_array()) {
        const auto stored = from_hex(text_of(vector.at("stored_hex")));
        const auto opened = open_secret(Secret(text_of(vector.at("password"))), *stored);
        ASSERT_TRUE(opened);
        EXPECT_EQ(opened->reveal(), text_of(vector.at("clear")));

        const auto row = from_hex(text_of(vector.at("credential_value_hex")));
        const auto credential = read_credential(*row);
        EXPECT_EQ(credential.sealed_secret, *stored);
        EXPECT_EQ(credential.access_key_id, text_of(vector.at("access_key_id")));
        EXPECT_EQ(to_hex(write_credential(credential)), to_hex(*row));
    }
}

TEST(Records, OfRecordedUsersAreWrittenAlike) {
    const auto vectors = find_vectors(TARN_SOURCE_DIR);
    if (!vectors) GTEST_SKIP() << "no recorded vectors here (TARN_GOLDEN_DIR)";
    int seen = 0;
    for (const auto& vector : vectors->at("kv_values").at("list").as_array()) {
        if (text_of(vector.at("message")) != "UserData") continue;
        const std::string hex = text_of(vector.at("value_hex"));
        EXPECT_EQ(to_hex(write_user(read_user(*from_hex(hex)))), hex);
        ++seen;
    }
    EXPECT_GE(seen, 1);
}

constexpr std::string_view known_token =
    "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9."
    "eyJqdGkiOiIxMTExMTExMS0yMjIyLTQzMzMtODQ0NC01NTU1NTU1NTU1NTUiLCJpc3MiOiJhdXRoIiwic3ViIjoiYWRt"
    "aW4iLCJhdWQiOiJsb2dpbiIsImlhdCI6MTcwMDAwMDAwMCwiZXhwIjoxNzAwNjA0ODAwfQ."
    "Zv1mZJCocwnRUxbP7gj-gCM2FfebwdLipLxeRv5_wR0";

TEST(Jwt, IsWrittenAsTheFormatSays) {
    Claims claims;
    claims.id = "11111111-2222-4333-8444-555555555555";
    claims.user_name = "admin";
    claims.issued = from_unix_seconds(1700000000);
    claims.expires = from_unix_seconds(1700604800);

    EXPECT_EQ(write_token(some_secret, claims), known_token);
}

TEST(Jwt, IsReadUntilItEnds) {
    EXPECT_EQ(read_token(some_secret, known_token, from_unix_seconds(1700604799)), "admin");
    EXPECT_EQ(read_token(some_secret, known_token, from_unix_seconds(1700604800)), std::nullopt);
}

std::string signed_token(std::string_view header, std::string_view claims) {
    const std::string part = to_base64url(header) + '.' + to_base64url(claims);
    const auto mac = hmac_sha256(some_secret.reveal(), part);
    return part + '.' + to_base64url(as_view(mac));
}

TEST(Jwt, IsRefusedWhenForgedOrForSomethingElse) {
    const Time now = from_unix_seconds(1700000000);
    const std::string good = R"({"sub":"admin","aud":"login","exp":1700000001})";
    const std::string header = R"({"alg":"HS256","typ":"JWT"})";
    EXPECT_EQ(read_token(some_secret, signed_token(header, good), now), "admin");
    EXPECT_EQ(read_token(some_secret, signed_token(header, R"({"sub":"a","exp":1700000001})"), now),
              "a");

    for (const std::string& token :
         {signed_token(R"({"alg":"none"})", good), signed_token(R"({"alg":"RS256"})", good),
          signed_token("[]", good), signed_token(header, R"({"sub":"admin","aud":"login"})"),
          signed_token(header, R"({"sub":"a","aud":"other","exp":1700000001})"),
          signed_token(header, R"({"sub":7,"exp":1700000001})"),
          signed_token(header, R"({"sub":"a","exp":1700000009,"nbf":1700000008})"),
          to_base64url(R"({"alg":"none"})") + '.' + to_base64url(good) + '.', std::string("a.b.c"),
          std::string("a.b"), std::string(), std::string("..")}) {
        EXPECT_EQ(read_token(some_secret, token, now), std::nullopt) << token;
    }
    EXPECT_EQ(read_token(Secret("other"), signed_token(header, good), now), std::nullopt);
}

TEST(Session, IsReadAndWrittenLikeRecordedOnes) {
    const auto vectors = find_vectors(TARN_SOURCE_DIR);
    if (!vectors) GTEST_SKIP() << "no recorded vectors here (TARN_GOLDEN_DIR)";
    for (const auto& vector : vectors->at("logins").as_array()) {
        const Secret secret(text_of(vector.at("secret")));
        const std::string token = text_of(vector.at("token"));
        const std::string cookie = text_of(vector.at("set_cookie"));
        const auto begin = cookie.find('=') + 1;
        const std::string value = cookie.substr(begin, cookie.find(';') - begin);
        const Time issued =
            from_unix_seconds(vector.at("token_expiration").as_int64() - 7 * 24 * 3600);

        EXPECT_EQ(read_session(secret, value, issued), token);
        EXPECT_EQ(write_session(secret, token, issued), value);
        EXPECT_EQ(read_token(secret, token, issued), "admin");
    }
}

TEST(Session, IsRefusedWhenOldDamagedOrForeign) {
    const Time now = from_unix_seconds(1700000000);
    std::string value = write_session(some_secret, "abc", now);
    EXPECT_EQ(read_session(some_secret, value, now + std::chrono::days(30)), "abc");

    EXPECT_EQ(read_session(some_secret, value, now + std::chrono::days(31)), std::nullopt);
    EXPECT_EQ(read_session(Secret("other"), value, now), std::nullopt);
    EXPECT_EQ(read_session(some_secret, value.substr(4), now), std::nullopt);
    EXPECT_EQ(read_session(some_secret, "", now), std::nullopt);
    EXPECT_EQ(read_session(some_secret, to_base64url("1|2|3"), now), std::nullopt);
}

TEST(Session, IsReadWhateverNumberItsTypeHas) {
    const std::string gob = *from_hex(
        "0eff81040102ff820001100110000022ff82000106737472696e670c070005746f6b656e06737472696e670c05"
        "0003616263");
    std::string inner = to_base64url(gob);
    inner.append((4 - inner.size() % 4) % 4, '=');
    const std::string dated = "1700000000|" + inner;
    const auto mac = hmac_sha256(some_secret.reveal(), "internal_auth_session|" + dated);
    const std::string value = to_base64url(dated + '|' + std::string(as_view(mac)));

    EXPECT_EQ(read_session(some_secret, value, from_unix_seconds(1700000000)), "abc");
}

}  // namespace
}  // namespace tarn::auth::internal
