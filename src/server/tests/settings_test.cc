#include "server/settings.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>

#include "base/error.h"

namespace tarn::server {
namespace {

// Takes an environment as a map.
void read(Settings& settings, const std::map<std::string, std::string>& environment) {
    std::vector<std::string> names;
    for (const auto& [name, value] : environment) names.push_back(name);
    settings.read_environment(names, [&](const std::string& name) -> std::optional<std::string> {
        const auto found = environment.find(name);
        return found == environment.end() ? std::nullopt : std::optional(found->second);
    });
}

std::string refusal(const std::function<void()>& action) {
    try {
        action();
    } catch (const Error& error) {
        EXPECT_EQ(error.code(), Code::invalid_argument);
        return error.message();
    }
    return "not refused";
}

class SettingsFile : public ::testing::Test {
protected:
    std::string file(const std::string& content) {
        std::ofstream(path) << content;
        return path;
    }
    ~SettingsFile() override { std::filesystem::remove(path); }

    const std::string path =
        ::testing::TempDir() + "tarn-settings-" + std::to_string(::getpid()) + ".yaml";
};

TEST(Settings, HaveDefaultsThatTheirOwnRulesAllow) {
    Settings settings;
    for (const Key& key : all_keys()) settings.set(key.name, key.standard, "test");

    EXPECT_EQ(settings.text("listen_address"), "127.0.0.1:8000");
    EXPECT_TRUE(std::ranges::is_sorted(all_keys(), {},
                                       [](const Key& key) { return key.name.substr(0, 3); }));
}

TEST(Settings, PreferTarnsVariablesToLakefssAndFlagsToBoth) {
    Settings settings;
    read(settings, {{"LAKEFS_DATABASE_LOCAL_PATH", "/lakefs"},
                    {"LAKEFS_BLOCKSTORE_LOCAL_PATH", "/blocks"},
                    {"TARN_DATABASE_LOCAL_PATH", "/tarn"},
                    {"TARN_LISTEN_ADDRESS", "127.0.0.1:1"}});
    settings.set("listen_address", "127.0.0.1:2", "--listen-address");

    EXPECT_EQ(settings.text("database.local.path"), "/tarn");
    EXPECT_EQ(settings.text("blockstore.local.path"), "/blocks");
    EXPECT_EQ(settings.text("listen_address"), "127.0.0.1:2");
}

TEST(Settings, RefuseUnknownVariablesByName) {
    Settings settings;
    EXPECT_EQ(refusal([&] { read(settings, {{"TARN_LISTEN_ADRESS", "x"}}); }),
              "environment: TARN_LISTEN_ADRESS belongs to no configuration key");
}

TEST_F(SettingsFile, AreReadWithNestedMapsAndLists) {
    Settings settings;
    settings.read_file(
        file("gateways:\n  s3:\n    domain_name: [a.example, b.example]\n"
             "committed:\n  local_cache:\n    size_bytes: 5000\n"));

    EXPECT_EQ(settings.list("gateways.s3.domain_name"),
              (std::vector<std::string>{"a.example", "b.example"}));
    EXPECT_EQ(settings.number("committed.local_cache.size_bytes"), 5000);
    EXPECT_TRUE(settings.is_set("committed.local_cache.size_bytes"));
    EXPECT_FALSE(settings.is_set("listen_address"));
}

TEST_F(SettingsFile, RefuseUnknownKeysByName) {
    Settings settings;
    EXPECT_EQ(refusal([&] { settings.read_file(file("database:\n  tipe: local\n")); }),
              path + ": unknown configuration key 'database.tipe'");
}

TEST_F(SettingsFile, RefuseWhatIsNoYaml) {
    Settings settings;
    EXPECT_NE(refusal([&] { settings.read_file(file("a: [1\n")); }).find("not YAML"),
              std::string::npos);
    EXPECT_NE(refusal([&] { settings.read_file("/nowhere.yaml"); }).find("cannot be read"),
              std::string::npos);
}

TEST(Settings, NameKeyValueAndRuleOfABadValue) {
    Settings settings;
    EXPECT_EQ(refusal([&] { settings.set("server.threads", "2000", "file"); }),
              "file: server.threads is '2000' and must be at most 1024");
    EXPECT_EQ(refusal([&] { settings.set("tls.enabled", "maybe", "file"); }),
              "file: tls.enabled is 'maybe' and must be true or false");
    EXPECT_EQ(refusal([&] { settings.set("server.idle_timeout", "5 years", "file"); }),
              "file: server.idle_timeout is '5 years' and must be a duration such as 500ms, 5s, "
              "15m or 24h");
}

TEST(Settings, NeverDescribeASecret) {
    Settings settings;
    settings.set("auth.encrypt.secret_key", "hush", "test");

    EXPECT_EQ(settings.describe().find("hush"), std::string::npos);
    EXPECT_NE(settings.describe().find("auth.encrypt.secret_key = ***  (test)"), std::string::npos);
}

TEST(ParseDuration, SumsItsParts) {
    EXPECT_EQ(parse_duration("1h30m"), std::chrono::minutes(90));
    EXPECT_EQ(parse_duration("250ms"), std::chrono::milliseconds(250));
    EXPECT_EQ(parse_duration("0"), std::chrono::milliseconds(0));
    EXPECT_EQ(parse_duration("5"), std::nullopt);
    EXPECT_EQ(parse_duration("s"), std::nullopt);
    EXPECT_EQ(parse_duration("-5s"), std::nullopt);
}

}  // namespace
}  // namespace tarn::server
