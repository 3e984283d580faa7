#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <set>

#include "base/bytes.h"
#include "base/identity.h"
#include "base/testing/await.h"
#include "base/testing/golden.h"
#include "kv/memory/memory_store.h"
#include "refs/internal/rows.h"
#include "refs/refs.h"
#include "refs/testing/manual_clock.h"

namespace tarn::refs {
namespace {

namespace json = boost::json;

std::string text(const json::value& value) {
    return json::value_to<std::string>(value);
}

std::string bytes_of(const json::value& hex) {
    return from_hex(text(hex)).value();
}

Commit commit_of(const json::object& golden) {
    Commit commit;
    commit.id = text(golden.at("id"));
    commit.committer = text(golden.at("committer"));
    commit.message = text(golden.at("message"));
    commit.tree_id = text(golden.at("meta_range_id"));
    commit.created =
        from_unix_seconds(golden.at("creation_date_seconds").to_number<std::int64_t>()) +
        std::chrono::nanoseconds(golden.at("creation_date_nanos").to_number<std::int64_t>());
    for (const auto& [key, value] : golden.at("metadata").as_object()) {
        commit.metadata[std::string(key)] = text(value);
    }
    for (const json::value& parent : golden.at("parents").as_array()) {
        commit.parents.push_back(text(parent));
    }
    commit.version = golden.at("version").to_number<std::int32_t>();
    commit.generation = golden.at("generation").to_number<std::int32_t>();
    return commit;
}

Commit plain(std::string committer, std::string message, std::string tree, std::int64_t seconds,
             Metadata metadata, std::vector<std::string> parents) {
    Commit commit;
    commit.committer = std::move(committer);
    commit.message = std::move(message);
    commit.tree_id = std::move(tree);
    commit.created = from_unix_seconds(seconds);
    commit.metadata = std::move(metadata);
    commit.parents = std::move(parents);
    return commit;
}

TEST(CommitId, IsThatOfTheConstantsInLakeFSTests) {
    const Commit second = plain("some-committer", "I just committed", "123456789987654321",
                                1611501012, {{"sdkafjnb", "1234"}, {"sdkjvcnbkjndsc", "asnjkdl"}},
                                {"132456987153687sdfsdf", "1324569csfvdkjhcsdkjc"});
    const Commit third = plain("Committer", "message", "metarangeId", 1000000000,
                               {{"key", "value"}}, {"parent1", "parent2"});

    EXPECT_EQ(commit_id_of(second),
              "f1a106bbeb12d3eb54418d6000f4507501d289d0d0879dcce6f4d31425587df1");
    EXPECT_EQ(commit_id_of(third),
              "0c5f9d6fde638a6aa82840caf2485bdbe6ad0fc3f220ea88884df9ed99d7cf19");
}

TEST(CommitId, ChainsThroughParents) {
    std::vector<std::string> ids;
    std::vector<std::string> parents;
    for (int i = 0; i < 20; ++i) {
        const Commit commit =
            plain("user1", "message1", "deadbeef123", 1606834800 + i, {{"foo", "bar"}}, parents);
        ids.push_back(commit_id_of(commit));
        parents = {ids.back()};
    }

    EXPECT_EQ(ids[0], "fac53a04432b2e6e7185f3ac8314a874c556b2557adf3aa8d5b1df985cf96566");
    EXPECT_EQ(ids[1], "ebbd689937253304ae29a541a727bfd11ab59a5659bb293e8ab2ed407c9a74c1");
    EXPECT_EQ(ids[2], "cb5dca579b23b81f8148fc9153a4c9c733d830c26be1d5f8d12496300c02dd89");
    EXPECT_EQ(ids[19], "663b7520a2a05aaeed17de6136fa80eb5cd8417982011eb551230571ee412f2f");
}

TEST(CommitId, OfTheFirstCommitDependsOnItsSecondOnly) {
    const Commit first = plain("", "Repository created", "", 1600000000, {}, {});

    EXPECT_EQ(commit_id_of(first),
              "da3ab7bbf4b5c12a1e8f2d5ca7af2b013f23cda140e14a039490ad868773b572");
}

TEST(CommitRecord, IsThatOfARunningLakeFS) {
    const auto file = read_golden(TARN_SOURCE_DIR, "vectors.json");
    if (!file) GTEST_SKIP() << "golden data is not there";
    const json::value golden = json::parse(*file);

    for (const json::value& item : golden.at("commits").as_array()) {
        const json::object& one = item.as_object();
        const Commit expected = commit_of(one);
        const std::string bytes = bytes_of(one.at("value_hex"));
        EXPECT_EQ(decode_commit(bytes), expected);
        EXPECT_EQ(commit_id_of(expected), expected.id);
        // Maps are written in any order there.
        if (expected.metadata.size() < 2) {
            EXPECT_EQ(encode(expected), bytes);
        } else {
            EXPECT_EQ(encode(expected).size(), bytes.size());
        }
    }
}

TEST(Records, OfARunningLakeFSAreRewrittenByteForByte) {
    const auto file = read_golden(TARN_SOURCE_DIR, "vectors.json");
    if (!file) GTEST_SKIP() << "golden data is not there";
    const json::value golden = json::parse(*file);

    int seen = 0;
    for (const json::value& item : golden.at("kv_values").at("list").as_array()) {
        const std::string message = text(item.at("message"));
        const std::string bytes = bytes_of(item.at("value_hex"));
        std::string again = bytes;
        if (message == "BranchData") again = encode(decode_branch(bytes));
        if (message == "TagData") again = encode(decode_tag(bytes));
        if (message == "RepositoryData") again = encode(decode_repository(bytes));
        if (message == "RepoMetadata") EXPECT_EQ(decode_metadata(bytes).at("team"), "data");
        EXPECT_EQ(again, bytes) << message;
        ++seen;
    }
    EXPECT_GT(seen, 0);
}

TEST(ProtectionRules, OfARunningLakeFSAreRead) {
    const auto file = read_golden(TARN_SOURCE_DIR, "vectors.json");
    if (!file) GTEST_SKIP() << "golden data is not there";
    const json::value golden = json::parse(*file);

    for (const json::value& item : golden.at("branch_protection").as_array()) {
        const ProtectionRules rules = decode_rules(bytes_of(item.at("value_hex")));
        for (const json::value& pattern : item.at("patterns").as_array()) {
            const auto& actions = rules.patterns.at(text(pattern));
            EXPECT_EQ(actions, (std::vector{BlockedAction::staging_write, BlockedAction::commit}));
        }
    }
}

// The recorded history, under the ids it had there.
class History : public ::testing::Test {
protected:
    History() {
        const auto file = read_golden(TARN_SOURCE_DIR, "history.json");
        if (!file) return;
        golden = json::parse(*file);
        for (const json::value& item : golden.at("commits").as_array()) {
            ids.push_back(text(item.at("id")));
        }
        for (const json::value& item : golden.at("commits").as_array()) {
            Commit commit;
            commit.id = text(item.at("id"));
            commit.generation = item.at("generation").to_number<std::int32_t>();
            commit.created = Time(std::chrono::nanoseconds(
                item.at("creation_date_nanoseconds").to_number<std::int64_t>()));
            for (const json::value& parent : item.at("parents").as_array()) {
                commit.parents.push_back(ids[parent.to_number<std::size_t>()]);
            }
            await(kv::put(store, commit_key(repository, commit.id), encode(commit)));
        }
    }

    const std::string& id(const json::value& index) { return ids[index.to_number<std::size_t>()]; }

    kv::MemoryStore store;
    ManualClock clock;
    Refs refs{store, clock};
    Repository repository{.id = "history",
                          .storage_namespace = "mem://h",
                          .default_branch = "main",
                          .created = {},
                          .instance_uid = "uid",
                          .storage_id = {}};
    json::value golden;
    std::vector<std::string> ids;
};

TEST_F(History, HasTheMergeBasesOfARunningLakeFS) {
    if (golden.is_null()) GTEST_SKIP() << "golden data is not there";

    for (const json::value& item : golden.at("merge_bases").as_array()) {
        const json::array& triple = item.as_array();
        const auto base = await(refs.merge_base(repository, id(triple[0]), id(triple[1])));
        ASSERT_TRUE(base);
        EXPECT_EQ(base->id, id(triple[2]));
    }
}

TEST_F(History, HasTheLogsOfARunningLakeFS) {
    if (golden.is_null()) GTEST_SKIP() << "golden data is not there";

    for (const json::value& item : golden.at("logs").as_array()) {
        Log log(refs, repository, id(item.at("head")), false);
        for (const json::value& expected : item.at("order").as_array()) {
            const auto commit = await(log.next());
            ASSERT_TRUE(commit);
            EXPECT_EQ(commit->id, id(expected));
        }
        const auto end = await(log.next());
        EXPECT_FALSE(end);
    }
}

}  // namespace
}  // namespace tarn::refs
