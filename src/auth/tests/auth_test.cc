#include "auth/auth.h"

#include <gtest/gtest.h>

#include "auth/tests/fixed_clock.h"
#include "base/error.h"
#include "base/testing/await.h"
#include "kv/memory/memory_store.h"

namespace tarn::auth {
namespace {

class AuthTest : public ::testing::Test {
protected:
    Auth open(std::string secret_key = "some secret") {
        Options options;
        options.secret_key = Secret(std::move(secret_key));
        return Auth(store, clock, std::move(options));
    }

    std::string row(std::string partition, std::string name) {
        return await(kv::find(store, {std::move(partition), std::move(name)})).value_or("(none)");
    }

    FixedClock clock{from_unix_seconds(1700000000)};
    kv::MemoryStore store;
    Auth auth = open();
};

ServerFacts facts(std::string version) {
    ServerFacts made;
    made.version = std::move(version);
    made.kv_type = "local";
    return made;
}

Code code_of(const std::function<void()>& call, std::string detail = {}) {
    try {
        call();
    } catch (const Error& error) {
        if (!detail.empty()) EXPECT_EQ(error.detail(), detail);
        return error.code();
    }
    ADD_FAILURE() << "nothing was thrown";
    return Code::internal;
}

TEST_F(AuthTest, IsNotInitializedBeforeItsSetup) {
    const SetupState state = await(auth.setup_state());

    EXPECT_FALSE(state.initialized);
    EXPECT_TRUE(state.preferences_missing);
    EXPECT_TRUE(await(auth.list_users()).empty());
}

TEST_F(AuthTest, SetupWritesTheRowsOfAnInstallation) {
    await(auth.start(facts("1.2.3")));
    const std::string id = await(auth.installation_id());
    const Credential made = await(auth.setup("admin", std::nullopt));

    EXPECT_TRUE(await(auth.setup_state()).initialized);
    EXPECT_EQ(row("auth", "installation_id"), id);
    EXPECT_EQ(row("auth", "installation_metadata/lakefs_kv_type"), "local");
    EXPECT_EQ(row("auth", "installation_metadata/setup_timestamp"), "2023-11-14T22:13:20Z");
    EXPECT_EQ(row("auth", "installation_metadata/setup_auth_none"), "2023-11-14T22:13:20Z");
    EXPECT_EQ(row("auth", "installation_metadata/comm_prefs_set"), "false");
    EXPECT_EQ(row("kv-internal-metadata", "kv/schema/version"), "4");
    EXPECT_NE(row("basicAuth", "users/superAdmin"), "(none)");
    EXPECT_NE(row("basicAuth", "uCredentials/superAdmin/credentials/" + made.access_key_id),
              "(none)");
    EXPECT_EQ(made.access_key_id.size(), 20u);
    EXPECT_TRUE(made.access_key_id.starts_with("AKIAJ"));
    EXPECT_TRUE(made.access_key_id.ends_with('Q'));
    EXPECT_EQ(made.secret_access_key.reveal().size(), 40u);
}

TEST_F(AuthTest, KeepsItsInstallationIdOverStarts) {
    const std::string id = await(auth.installation_id());
    await(auth.start(facts("1")));
    Auth again = open();
    await(again.start(facts("2")));

    EXPECT_EQ(await(again.installation_id()), id);
}

TEST_F(AuthTest, TakesAFixedIdAtItsFirstStart) {
    ServerFacts fixed = facts("1");
    fixed.fixed_id = "chosen";
    await(auth.start(fixed));
    await(auth.start(facts("1")));

    EXPECT_EQ(await(auth.installation_id()), "chosen");
}

TEST_F(AuthTest, RefusesRowsOfAnotherSchema) {
    await(kv::put(store, {"kv-internal-metadata", "kv/schema/version"}, "3"));

    EXPECT_EQ(code_of([&] { await(auth.start(facts("1"))); }, "schema"), Code::precondition_failed);
}

TEST_F(AuthTest, IsSetUpOnce) {
    await(auth.setup("admin", std::nullopt));

    EXPECT_EQ(code_of([&] { await(auth.setup("other", std::nullopt)); }, "initialized"),
              Code::already_exists);
    EXPECT_EQ(code_of([&] { await(auth.setup("admin", std::nullopt)); }, "initialized"),
              Code::already_exists);
    EXPECT_EQ(code_of([&] { await(auth.setup("", std::nullopt)); }), Code::invalid_argument);
}

TEST_F(AuthTest, SetupMayBeRepeatedAfterACrashInBetween) {
    User half_made;
    half_made.name = "admin";
    await(auth.create_user(half_made));

    const Credential made = await(auth.setup("admin", GivenKey{"mine", Secret("secret")}));

    EXPECT_EQ(made.access_key_id, "mine");
    EXPECT_TRUE(await(auth.authenticate_key("mine", Secret("secret"))));
}

TEST_F(AuthTest, KnowsWhoHasTheRightSecret) {
    await(auth.setup("admin", GivenKey{"AKIAIOSFODNN7EXAMPLE", Secret("right")}));

    const auto user = await(auth.authenticate_key("AKIAIOSFODNN7EXAMPLE", Secret("right")));
    ASSERT_TRUE(user);
    EXPECT_EQ(user->name, "admin");
    EXPECT_EQ(user->committer(), "admin");
    EXPECT_EQ(user->source, "internal");
    EXPECT_FALSE(await(auth.authenticate_key("AKIAIOSFODNN7EXAMPLE", Secret("wrong"))));
    EXPECT_FALSE(await(auth.authenticate_key("AKIAIOSFODNN7EXAMPLF", Secret("right"))));
    EXPECT_FALSE(await(auth.authenticate_key("", Secret(""))));
    EXPECT_FALSE(await(auth.authenticate_key(std::string(5000, 'k'), Secret("right"))));
}

TEST_F(AuthTest, RemembersCredentialsForTwentySeconds) {
    await(auth.setup("admin", GivenKey{"key", Secret("secret")}));
    EXPECT_EQ(auth.cached_credential("key"), nullptr);

    const auto found = await(auth.find_credential("key"));
    ASSERT_NE(found, nullptr);
    EXPECT_EQ(found->secret_access_key.reveal(), "secret");
    EXPECT_EQ(found->user, "admin");
    EXPECT_EQ(auth.cached_credential("key"), found);
    await(auth.create_credential("admin"));
    Auth peer = open();
    await(peer.delete_credential("admin", "key"));
    EXPECT_EQ(await(auth.find_credential("key")), found);
    clock.move(std::chrono::seconds(21));
    EXPECT_EQ(auth.cached_credential("key"), nullptr);
    EXPECT_EQ(await(auth.find_credential("key")), nullptr);
}

TEST_F(AuthTest, ForgetsADeletedCredentialAtOnce) {
    await(auth.setup("admin", GivenKey{"key", Secret("secret")}));
    await(auth.find_credential("key"));
    await(auth.create_credential("admin"));

    EXPECT_FALSE(await(auth.delete_credential("other", "key")));
    EXPECT_TRUE(await(auth.delete_credential("admin", "key")));
    EXPECT_EQ(await(auth.find_credential("key")), nullptr);
    EXPECT_FALSE(await(auth.delete_credential("admin", "key")));
}

TEST_F(AuthTest, SaysWhenASecretWasSealedUnderAnotherKey) {
    await(auth.setup("admin", GivenKey{"key", Secret("secret")}));
    Auth other = open("another key");

    EXPECT_EQ(code_of([&] { await(other.find_credential("key")); }), Code::corrupted);
}

TEST_F(AuthTest, MakesSeveralKeysAndRevokesAllButTheLast) {
    await(auth.setup("admin", GivenKey{"key", Secret("secret")}));

    const Credential made = await(auth.create_credential("admin"));
    const auto listed = await(auth.list_credentials("admin"));
    ASSERT_EQ(listed.size(), 2u);
    EXPECT_TRUE(listed[0].secret_access_key.empty());
    EXPECT_TRUE(await(auth.authenticate_key(made.access_key_id, made.secret_access_key)));
    EXPECT_TRUE(await(auth.delete_credential("admin", "key")));
    EXPECT_FALSE(await(auth.authenticate_key("key", Secret("secret"))));
    const std::string last = made.access_key_id;
    EXPECT_EQ(code_of([&] { await(auth.delete_credential("admin", last)); }, "last_credential"),
              Code::conflict);
    EXPECT_TRUE(await(auth.authenticate_key(made.access_key_id, made.secret_access_key)));
    EXPECT_EQ(code_of([&] { await(auth.create_credential("nobody")); }), Code::not_found);
}

TEST_F(AuthTest, LimitsTheKeysOfAUser) {
    await(auth.setup("admin", GivenKey{"key", Secret("secret")}));
    for (std::size_t i = 1; i < Auth::credentials_of_user_max; ++i) {
        await(auth.create_credential("admin"));
    }

    EXPECT_EQ(code_of([&] { await(auth.create_credential("admin")); }, "credential_limit"),
              Code::invalid_argument);
}

TEST_F(AuthTest, ReplacesLostKeys) {
    await(auth.setup("admin", GivenKey{"old", Secret("secret")}));
    await(auth.find_credential("old"));

    const Credential made = await(auth.replace_keys("", std::nullopt));

    EXPECT_EQ(made.user, "admin");
    EXPECT_EQ(await(auth.find_credential("old")), nullptr);
    EXPECT_TRUE(await(auth.authenticate_key(made.access_key_id, made.secret_access_key)));
    EXPECT_EQ(code_of([&] { await(auth.replace_keys("other", std::nullopt)); }), Code::conflict);
}

TEST_F(AuthTest, ReplacingKeysBeforeASetupIsOne) {
    const Credential made = await(auth.replace_keys("root", std::nullopt));

    EXPECT_EQ(made.user, "root");
    EXPECT_TRUE(await(auth.setup_state()).initialized);
}

TEST_F(AuthTest, KeepsItsLastAdministrator) {
    await(auth.setup("admin", std::nullopt));

    EXPECT_FALSE(await(auth.delete_user("nobody")));
    EXPECT_EQ(code_of([&] { await(auth.delete_user("admin")); }, "last_administrator"),
              Code::conflict);
    User second;
    second.name = "second";
    EXPECT_EQ(code_of([&] { await(auth.create_user(second)); }), Code::already_exists);
    EXPECT_FALSE(await(auth.find_user("second")));
}

TEST_F(AuthTest, SavesPreferencesOnce) {
    Preferences preferences;
    preferences.email = "someone@example.com";
    EXPECT_EQ(code_of([&] { await(auth.save_preferences(preferences)); }, "not_initialized"),
              Code::precondition_failed);
    await(auth.setup("admin", std::nullopt));

    await(auth.save_preferences(preferences));

    EXPECT_EQ(row("auth", "installation_metadata/encoded_user_email"),
              "c29tZW9uZUBleGFtcGxlLmNvbQ==");
    EXPECT_FALSE(await(auth.setup_state()).preferences_missing);
    EXPECT_EQ(code_of([&] { await(auth.save_preferences(preferences)); }), Code::already_exists);
}

TEST_F(AuthTest, SignsInByTokenAndBySession) {
    await(auth.setup("admin", std::nullopt));
    const Token token = auth.issue_token("admin");
    const std::string cookie = auth.session_cookie(token, true);
    const auto begin = cookie.find('=') + 1;
    const std::string value = cookie.substr(begin, cookie.find(';') - begin);

    EXPECT_EQ(unix_seconds(token.expires), 1700604800);
    EXPECT_TRUE(cookie.starts_with("internal_auth_session="));
    EXPECT_TRUE(
        cookie.ends_with("; Path=/; Expires=Thu, 14 Dec 2023 22:13:20 GMT; "
                         "Max-Age=2592000; HttpOnly; Secure; SameSite=Lax"))
        << cookie;
    EXPECT_EQ(await(auth.authenticate_token(token.text))->name, "admin");
    EXPECT_EQ(await(auth.authenticate_session(value))->name, "admin");
    EXPECT_FALSE(await(auth.authenticate_token(auth.issue_token("stranger").text)));
    clock.move(std::chrono::days(7));
    EXPECT_FALSE(await(auth.authenticate_token(token.text)));
    EXPECT_FALSE(await(auth.authenticate_session(value)));
}

TEST_F(AuthTest, NeedsASecretKey) {
    EXPECT_EQ(code_of([&] { open(""); }), Code::invalid_argument);
}

}  // namespace
}  // namespace tarn::auth
