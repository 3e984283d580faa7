#include "hooks/runs.h"

#include <gtest/gtest.h>

#include "base/bytes.h"
#include "base/testing/await.h"
#include "base/testing/golden_vectors.h"
#include "block/memory/memory_store.h"
#include "hooks/records.pb.h"
#include "kv/memory/memory_store.h"

namespace tarn::hooks {
namespace {

constexpr std::int64_t year_one = -62'135'596'800;

void set_time(Timestamp* into, std::int64_t seconds) {
    into->set_seconds(seconds);
}

class Runs : public ::testing::Test {
protected:
    Runs() {
        repository.id = "lake";
        repository.storage_namespace = "mem://lake";
    }

    void put(std::string name, std::string value) {
        await(kv::put(store, kv::Key{"actions", std::move(name)}, std::move(value)));
    }

    void add_run(std::string id, std::string branch, std::string commit) {
        RunRecord record;
        record.set_run_id(id);
        record.set_branch_id(branch);
        record.set_commit_id(commit);
        record.set_event_type("pre-commit");
        record.set_passed(true);
        set_time(record.mutable_start_time(), 10);
        set_time(record.mutable_end_time(), 11);
        const std::string key = "repos/lake/runs/" + id;
        put(key, record.SerializeAsString());
        RunIndexRecord index;
        index.set_primary_key(key);
        put("repos/lake/branches/" + branch + "/" + id, index.SerializeAsString());
        put("repos/lake/commits/" + commit + "/" + id, index.SerializeAsString());
    }

    void add_hook(std::string run, std::string id, std::int64_t started) {
        HookRunRecord record;
        record.set_run_id(run);
        record.set_hook_run_id(id);
        record.set_hook_id("check");
        record.set_action_name("formats");
        set_time(record.mutable_start_time(), started);
        set_time(record.mutable_end_time(), started);
        put("repos/lake/tasks/" + run + "/" + id, record.SerializeAsString());
    }

    std::vector<std::string> ids(RunQuery query) {
        const auto page = await(list_runs(store, repository, std::move(query)));
        std::vector<std::string> found;
        for (const hooks::Run& run : page.items) found.push_back(run.id);
        return found;
    }

    kv::MemoryStore store;
    SystemClock clock;
    block::MemoryStore blocks{clock};
    refs::Repository repository;
};

using Ids = std::vector<std::string>;

TEST_F(Runs, AreListedByIdInPages) {
    for (const char* id : {"r3", "r1", "r2"}) add_run(id, "main", "c");

    const auto first = await(list_runs(store, repository, {"", "", "", 2}));

    ASSERT_EQ(first.items.size(), 2U);
    EXPECT_EQ(first.items[0].id, "r1");
    EXPECT_TRUE(first.more);
    EXPECT_EQ(ids({"", "", "r2", 2}), Ids{"r3"});
}

TEST_F(Runs, AreFoundByBranchAndByCommitOnly) {
    add_run("r1", "main", "c1");
    add_run("r2", "main-2", "c2");

    EXPECT_EQ(ids({"main", "", "", 9}), Ids{"r1"});
    EXPECT_EQ(ids({"", "c2", "", 9}), Ids{"r2"});
    EXPECT_EQ(ids({"nosuch", "", "", 9}), Ids{});
}

TEST_F(Runs, PassOverAnIndexWithoutARun) {
    add_run("r1", "main", "c1");
    await(kv::remove(store, kv::Key{"actions", "repos/lake/runs/r1"}));

    EXPECT_EQ(ids({"main", "", "", 9}), Ids{});
    EXPECT_FALSE(await(find_run(store, repository, "r1")));
}

TEST_F(Runs, HaveHooksOfWhichSomeWereSkipped) {
    add_hook("r1", "0000_0000", 20);
    add_hook("r1", "0000_0001", year_one);
    add_hook("r10", "0000_0000", 20);

    const auto hooks = await(list_hook_runs(store, repository, "r1", "", 9));

    ASSERT_EQ(hooks.items.size(), 2U);
    EXPECT_EQ(hooks.items[0].started, from_unix_seconds(20));
    EXPECT_FALSE(hooks.items[1].started);
    EXPECT_TRUE(await(find_hook_run(store, repository, "r1", "0000_0001")));
    EXPECT_FALSE(await(find_hook_run(store, repository, "r1", "0000_0002")));
}

TEST_F(Runs, OfLakeFSAreReadAsTheyAre) {
    const auto vectors = find_vectors(TARN_SOURCE_DIR);
    if (!vectors) GTEST_SKIP() << "the golden files are absent: set TARN_GOLDEN_DIR";
    repository.id = "hooked";
    std::size_t runs = 0;
    for (const auto& value : vectors->at("kv_values").at("list").as_array()) {
        if (value.at("partition").as_string() != "actions") continue;
        const auto bytes = from_hex(std::string_view(value.at("value_hex").as_string())).value();
        put(std::string(value.at("key").as_string()), bytes);
        runs += value.at("message").as_string() == "RunResultData";
    }

    const auto page = await(list_runs(store, repository, {"", "", "", 100}));

    ASSERT_GT(runs, 0U);
    ASSERT_EQ(page.items.size(), runs);
    for (const hooks::Run& run : page.items) {
        EXPECT_FALSE(run.event_type.empty());
        EXPECT_GE(run.ended, run.started);
        EXPECT_EQ(await(find_run(store, repository, run.id))->id, run.id);
    }
}

}  // namespace
}  // namespace tarn::hooks
