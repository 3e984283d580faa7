#include "catalog/tasks.h"

#include <gtest/gtest.h>

#include "catalog/dumps.h"
#include "catalog/testing/opened_catalog.h"
#include "kv/store.h"

namespace tarn::catalog {
namespace {

TaskFailure describe(const Error& error) {
    return {418, error.message()};
}

class TasksTest : public ::testing::Test {
protected:
    std::string submit(std::vector<Tasks::Step> steps) {
        return await(tasks.submit(repository, dump_task, std::move(steps), describe));
    }

    TaskStatus status(const std::string& id) {
        return await(tasks.find(repository, dump_task, id)).value_or(TaskStatus());
    }

    TaskStatus end_of(const std::string& id) {
        while (!status(id).done) await(sleep_for(std::chrono::milliseconds(5)));
        return status(id);
    }

    static Tasks::Step returning(std::string result) {
        return [result]() -> Task<std::string> { co_return result; };
    }

    static Tasks::Step failing() {
        return []() -> Task<std::string> {
            throw Error(Code::conflict, "no");
            co_return std::string();
        };
    }

    OpenedCatalog opened;
    refs::Repository repository = opened.create_repository("lake");
    Tasks& tasks = opened.catalog.tasks();
};

TEST_F(TasksTest, AreDoneWithWhatTheLastStepReturned) {
    const std::string id = submit({returning("one"), returning("two")});

    const TaskStatus ended = end_of(id);

    EXPECT_EQ(ended.id, id);
    EXPECT_EQ(ended.result, "two");
    EXPECT_EQ(ended.progress, 2);
    EXPECT_EQ(ended.error, "");
    EXPECT_EQ(id.size(), 22u);
    EXPECT_TRUE(id.starts_with("DR"));
}

TEST_F(TasksTest, EndAtTheFirstFailureAsItIsDescribed) {
    const TaskStatus ended = end_of(submit({returning("one"), failing(), returning("three")}));

    EXPECT_EQ(ended.error, "no");
    EXPECT_EQ(ended.status_code, 418);
    EXPECT_EQ(ended.progress, 1);
    EXPECT_EQ(ended.result, "");
}

TEST_F(TasksTest, AreOfOneKindInOneRepository) {
    const std::string id = submit({returning("")});
    const refs::Repository other = opened.create_repository("other");

    EXPECT_TRUE(await(tasks.find(repository, dump_task, id)));
    EXPECT_FALSE(await(tasks.find(repository, restore_task, id)));
    EXPECT_FALSE(await(tasks.find(other, dump_task, id)));
    EXPECT_FALSE(await(tasks.find(repository, dump_task, "DRunknown")));
    EXPECT_FALSE(await(tasks.find(repository, dump_task, "DR" + std::string(20, 'x'))));
}

// Tasks whose server does not write any more: the row of one that waits, put back after its end.
class LostTask : public TasksTest {
protected:
    LostTask() {
        Signal go_on;
        const std::string running = submit({[go_on]() -> Task<std::string> {
            co_await go_on.wait();
            co_return std::string();
        }});
        key = {repository.partition(), "tasks/" + running};
        row = await(kv::find(opened.kv, key)).value_or("");
        await_heartbeat();
        go_on.notify();
        end_of(running);
        id = running;
        await(kv::put(opened.kv, key, row));
    }

    // The server writes it beside its tasks, not before they begin.
    void await_heartbeat() {
        std::vector<kv::Pair> beats;
        while (beats.empty()) beats = await(opened.kv.scan("catalog", "instances/", 10));
        heartbeat = {"catalog", beats.front().name};
    }

    std::string id;
    kv::Key key;
    std::string row;
    kv::Key heartbeat;
};

TEST_F(LostTask, IsToldAfterTwoMinutes) {
    opened.clock.advance(std::chrono::seconds(119));
    EXPECT_FALSE(status(id).done);

    opened.clock.advance(std::chrono::seconds(2));

    EXPECT_TRUE(status(id).done);
    EXPECT_EQ(status(id).error, "the server that ran the task has gone");
    EXPECT_EQ(status(id).status_code, 500);
}

TEST_F(LostTask, IsNotLostWhileItsServerLives) {
    ASSERT_EQ(heartbeat.partition, "catalog");
    opened.clock.advance(std::chrono::minutes(10));
    const std::int64_t now = unix_seconds(opened.clock.now());
    std::string beat = "\x0a\x06\x08";  // a timestamp of seconds
    for (auto rest = static_cast<std::uint64_t>(now); rest > 0; rest >>= 7) {
        beat += static_cast<char>(rest >= 0x80 ? (rest | 0x80) : rest);
    }
    await(kv::put(opened.kv, heartbeat, beat));

    const TaskStatus found = status(id);

    EXPECT_FALSE(found.done);
    EXPECT_EQ(unix_seconds(found.updated), now);
}

TEST_F(LostTask, IsForgottenAfterADayWithItsServer) {
    opened.clock.advance(std::chrono::hours(25));

    await(opened.catalog.remove_old_records());

    EXPECT_FALSE(await(kv::find(opened.kv, key)));
    EXPECT_TRUE(await(opened.kv.scan("catalog", "instances/", 10)).empty());
}

TEST_F(TasksTest, HeartbeatsEndWithTheServer) {
    {
        Catalog server(opened.stores, opened.blocks, CatalogOptions());
        const std::string id = await(submit_dump(server, repository, describe));
        while (await(opened.kv.scan("catalog", "instances/", 10)).empty()) {
            await(sleep_for(std::chrono::milliseconds(5)));
        }
        end_of(id);
    }

    EXPECT_TRUE(await(opened.kv.scan("catalog", "instances/", 10)).empty());
}

TEST_F(TasksTest, DumpsTellTheirTreesAndRestoresLoadThem) {
    const TaskStatus dumped = end_of(await(submit_dump(opened.catalog, repository, describe)));
    const versions::Dump dump = decode_dump(dumped.result);
    refs::Repository wanted = repository;
    wanted.id = "copy";
    wanted.instance_uid.clear();
    const refs::Repository bare = await(opened.refs.create_repository(wanted, true));

    const std::string id = await(submit_restore(opened.catalog, bare, dump, describe));
    while (!await(tasks.find(bare, restore_task, id))->done) {
        await(sleep_for(std::chrono::milliseconds(5)));
    }

    EXPECT_EQ(await(tasks.find(bare, restore_task, id))->error, "");
    EXPECT_EQ(await(opened.refs.get_branch(bare, "main")).branch.commit_id,
              await(opened.refs.get_branch(repository, "main")).branch.commit_id);
}

TEST_F(TasksTest, ADumpAtOnceWritesAManifest) {
    const versions::Dump dump = await(dump_refs(opened.catalog, repository));

    auto found = await(opened.blocks.open(
        {repository.storage_namespace, "_lakefs/refs_manifest.json"}, std::nullopt));
    ASSERT_TRUE(found);
    EXPECT_EQ(await(read_all(*as_source(std::move(found->body)), 10'000)),
              "{\n  \"branches_meta_range_id\": \"" + dump.branches +
                  "\",\n  \"commits_meta_range_id\": \"" + dump.commits +
                  "\",\n  \"tags_meta_range_id\": \"" + dump.tags + "\"\n}");
}

}  // namespace
}  // namespace tarn::catalog
