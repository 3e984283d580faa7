#include "staging/staging.h"

#include <gtest/gtest.h>

#include <map>

#include "base/bytes.h"
#include "base/error.h"
#include "base/testing/await.h"
#include "kv/memory/memory_store.h"

namespace tarn::staging {
namespace {

using Rows = std::map<std::string, std::string>;

class StagingTest : public ::testing::Test {
protected:
    void stage(const std::string& token, const std::string& key, const std::string& value) {
        const Staged staged{value.empty() ? "" : "id-" + value, value};
        await(kv::put(store, {token, key}, encode(key, staged)));
    }

    Rows read(std::vector<std::string> tokens, std::string from, int first_page) {
        Iterator rows(store, std::move(tokens), first_page);
        Rows seen;
        bool valid = await(rows.seek(std::move(from)));
        while (valid) {
            EXPECT_TRUE(seen.emplace(rows.record().key, rows.record().staged.data).second);
            valid = rows.step();
            if (!valid) valid = await(rows.fetch());
        }
        return seen;
    }

    kv::MemoryStore store;
};

TEST(StagedEntry, HasTheBytesOfLakeFS) {
    EXPECT_EQ(to_hex(encode("a/b", {"id", "data"})), "0a03612f62120269641a0464617461");
    EXPECT_EQ(to_hex(encode("a/b", {})), "0a03612f62");
    EXPECT_EQ(decode(encode("a", {"id", std::string("\0\xff", 2)})),
              (Staged{"id", std::string("\0\xff", 2)}));
    EXPECT_TRUE(decode(encode("a", {})).is_tombstone());
    EXPECT_THROW(decode("\xff"), Error);
}

TEST(StagingToken, NamesItsRepositoryAndBranch) {
    const std::string token = new_token("lake", "main");

    EXPECT_TRUE(token.starts_with("lake-main:"));
    EXPECT_EQ(token.size(), std::string("lake-main:").size() + 36);
}

TEST_F(StagingTest, TheNewestTokenHidesTheOthers) {
    stage("old", "a", "1");
    stage("old", "b", "1");
    stage("old", "c", "1");
    stage("new", "a", "2");
    stage("new", "b", "");

    EXPECT_EQ(read({"new", "old"}, "", 1000), (Rows{{"a", "2"}, {"b", ""}, {"c", "1"}}));
}

TEST_F(StagingTest, PagesOfAnySizeShowTheSame) {
    for (int i = 0; i < 2'500; ++i) {
        const std::string key = std::to_string(100'000 + i);
        if (i % 2 == 0) stage("one", key, "even");
        if (i % 3 == 0) stage("two", key, "third");
    }

    const Rows whole = read({"two", "one", "none"}, "", 1000);

    EXPECT_EQ(whole.size(), 1'667u);
    EXPECT_EQ(read({"two", "one", "none"}, "", 1), whole);
    EXPECT_EQ(read({"two", "one", "none"}, "", 7), whole);
    EXPECT_EQ(read({"two", "one"}, "102500", 7).size(), 0u);
    EXPECT_EQ(read({"two", "one"}, "102498", 7), (Rows{{"102498", "even"}, {"102499", "third"}}));
}

TEST_F(StagingTest, SeeksInBothDirections) {
    for (const char* key : {"a", "b", "c", "d"}) stage("token", key, key);
    Iterator rows(store, {"token"}, 2);

    EXPECT_TRUE(await(rows.seek("c")));
    EXPECT_EQ(rows.record().key, "c");
    EXPECT_TRUE(await(rows.seek("a")));
    EXPECT_EQ(rows.record().key, "a");
    EXPECT_TRUE(await(rows.seek("b+")));
    EXPECT_EQ(rows.record().key, "c");
    EXPECT_FALSE(await(rows.seek("e")));
    EXPECT_TRUE(await(rows.seek("d")));
}

TEST_F(StagingTest, TheCleanerRemovesWhatIsRecordedAndNothingElse) {
    stage("dropped", "a", "1");
    stage("kept", "a", "1");
    Cleaner cleaner(store);

    await(cleaner.record({"dropped"}));
    EXPECT_EQ(await(kv::find(store, {"cleanup-tokens", "dropped"})), "stub-value");
    await(cleaner.clean());

    EXPECT_EQ(read({"dropped"}, "", 10), Rows{});
    EXPECT_EQ(read({"kept"}, "", 10).size(), 1u);
    EXPECT_FALSE(await(kv::find(store, {"cleanup-tokens", "dropped"})));
}

TEST_F(StagingTest, ManyTokensAreRecordedAndCleaned) {
    std::vector<std::string> tokens;
    for (int i = 0; i < 1'100; ++i) tokens.push_back("t" + std::to_string(i));
    for (const std::string& token : tokens) stage(token, "a", "1");
    Cleaner cleaner(store);

    await(cleaner.record(tokens));
    await(cleaner.clean());

    EXPECT_TRUE(await(store.partitions("", 10)).empty());
}

// Before records of dropped tokens are removed, a late writer adds a row and records the token
// anew.
class LateWriterStore final : public kv::Store {
public:
    explicit LateWriterStore(kv::Store& below) : below_(below) {}

    Task<std::vector<kv::Result>> run(std::span<const kv::Step> steps) override {
        const std::vector<kv::Step> copy(steps.begin(), steps.end());
        const auto* last = std::get_if<kv::Remove>(&copy.back());
        if (last != nullptr && last->key.partition == "cleanup-tokens") {
            co_await kv::put(below_, {last->key.name, "late"}, encode("late", {}));
            co_await kv::put(below_, last->key, "stub-value");
        }
        co_return co_await below_.run(copy);
    }
    Task<std::vector<kv::Pair>> scan(std::string_view partition, std::string_view from,
                                     int limit) override {
        return below_.scan(partition, from, limit);
    }
    Task<void> drop(std::string_view partition) override { return below_.drop(partition); }
    Task<std::vector<std::string>> partitions(std::string_view after, int limit) override {
        return below_.partitions(after, limit);
    }

private:
    kv::Store& below_;
};

TEST_F(StagingTest, ARowThatComesWhileItsTokenIsCleanedDoesNotStay) {
    stage("dropped", "a", "1");
    LateWriterStore late(store);
    Cleaner cleaner(late);
    await(cleaner.record({"dropped"}));

    await(cleaner.clean());

    EXPECT_TRUE(await(store.partitions("", 10)).empty());
}

TEST_F(StagingTest, StoppingWaitsForTheCleaning) {
    Workers workers(1);
    Cleaner cleaner(store);
    for (int i = 0; i < 50; ++i) {
        const std::string token = "t" + std::to_string(i);
        stage(token, "a", "1");
        await(cleaner.record({token}));
        cleaner.start(workers);
    }

    cleaner.stop();
    cleaner.start(workers);
    await(cleaner.clean());

    EXPECT_TRUE(await(store.partitions("", 10)).empty());
}

}  // namespace
}  // namespace tarn::staging
