#include <gtest/gtest.h>

#include <filesystem>
#include <map>
#include <mutex>
#include <random>
#include <vector>

#include "base/error.h"
#include "base/signal.h"
#include "base/testing/await.h"
#include "base/testing/temporary_folder.h"
#include "block/local/local_store.h"
#include "block/testing/power_loss_file_system.h"
#include "catalog/catalog.h"
#include "kv/rocksdb/rocksdb_store.h"
#include "kv/testing/power_loss_file_system.h"
#include "versions/history.h"
#include "versions/testing/house.h"

namespace tarn::catalog {
namespace {

constexpr int writers = 6;
constexpr int objects_a_writer = 12;

// What was acknowledged before the power went.
struct Acknowledged {
    std::map<std::string, std::string> objects;  // path -> content
    std::vector<std::string> commits;
};

kv::RocksdbOptions rows_in(const std::filesystem::path& root) {
    kv::RocksdbOptions options;
    options.folder = root / "kv";
    options.memory_bytes = 4 * 1024 * 1024;
    options.request_timeout = std::chrono::minutes(1);
    return options;
}

block::LocalOptions blocks_in(const std::string& root) {
    block::LocalOptions options;
    options.root = root;
    options.free_bytes_min = 0;
    return options;
}

// The rooms of one server, from its two stores up to its objects.
class OpenHouse {
public:
    OpenHouse(kv::Store& rows, block::Store& blocks)
        : house_(rows, {.trees = versions::small_ranges(), .observer = nullptr, .blocks = &blocks}),
          catalog_(house_.stores, blocks, CatalogOptions()) {}

    refs::Repository create_repository() {
        refs::Repository repository;
        repository.id = "lake";
        repository.storage_namespace = "local://lake";
        repository.default_branch = "main";
        return await(house_.refs.create_repository(repository, false));
    }

    Task<void> write(refs::Repository repository, std::string path, std::string content) {
        const auto body = source_of(content);
        Uploaded uploaded = co_await catalog_.upload(repository, *body);
        Entry entry;
        entry.address = uploaded.address;
        entry.size_bytes = static_cast<std::int64_t>(content.size());
        entry.etag = content;  // the content decides, as a checksum would
        entry.content_type = "text/plain";
        co_await catalog_.put(repository, "main", path, entry, EntryCondition(),
                              versions::WriteOptions());
    }

    Task<std::string> commit(refs::Repository repository) {
        versions::CommitRequest request;
        request.branch = "main";
        request.committer = "test";
        request.message = "some";
        refs::Commit made = co_await versions::commit(house_.stores, repository, request);
        co_return made.id;
    }

    // What is wrong with what was acknowledged; empty when nothing is.
    std::string fault(const Acknowledged& expected) {
        const refs::Repository repository = await(house_.refs.get_repository("lake"));
        for (const std::string& commit : expected.commits) {
            if (!await(house_.refs.find_commit(repository, commit)))
                return "commit " + commit + " is lost";
            versions::ListQuery all;
            await(catalog_.list(repository, commit, all));  // its files are there
        }
        for (const auto& [path, content] : expected.objects) {
            const auto entry = await(catalog_.find(repository, "main", path));
            if (!entry) return path + " is lost";
            block::Opened opened = await(catalog_.open(repository, *entry, std::nullopt));
            const auto source = as_source(std::move(opened.body));
            const std::string bytes = await(read_all(*source, 1024 * 1024));
            if (bytes != content) return path + " holds something else";
        }
        return "";
    }

private:
    versions::House house_;
    Catalog catalog_;
};

// Writers and a committer until the power of one of the two disks goes.
Acknowledged work_until_the_cut(OpenHouse& house, const refs::Repository& repository,
                                unsigned seed) {
    Acknowledged done;
    std::vector<std::function<Task<void>()>> tasks;
    for (int writer = 0; writer < writers; ++writer) {
        tasks.emplace_back([&, writer]() -> Task<void> {
            for (int i = 0; i < objects_a_writer; ++i) {
                std::string path = std::to_string(writer) + "/" + std::to_string(i);
                std::string content =
                    path + std::string(100 + (seed * 37U + unsigned(i)) % 3000, 'c');
                try {
                    co_await house.write(repository, path, content);
                    done.objects[path] = content;
                } catch (const Error&) {
                    co_return;
                }
            }
        });
    }
    tasks.emplace_back([&]() -> Task<void> {
        for (int i = 0; i < 2 * objects_a_writer; ++i) {
            try {
                std::string commit = co_await house.commit(repository);
                done.commits.push_back(std::move(commit));
            } catch (const Error& error) {
                if (error.detail() != "no_changes") co_return;
            }
            co_await sleep_for(std::chrono::milliseconds(1));
        }
    });
    await(run_all(std::move(tasks), writers + 1));
    return done;
}

// One life of an installation under load, ended by a loss of power, and a look at what is left.
std::string fault_after_power_loss(unsigned seed, int& acknowledged) {
    std::mt19937 random(seed);
    const TemporaryFolder root = TemporaryFolder::in_memory();
    const TemporaryFolder before = TemporaryFolder::in_memory();
    const TemporaryFolder after = TemporaryFolder::in_memory();
    const auto row_files = std::make_shared<kv::PowerLossFileSystem>(root.path(), seed);
    auto owned = std::make_unique<block::PowerLossFileSystem>(
        before.path(), seed, [](std::string_view, const std::string&) { return false; });
    block::PowerLossFileSystem& block_files = *owned;
    kv::RocksdbSeams seams;
    seams.file_system = row_files;
    Acknowledged done;
    {
        Workers workers(2);
        kv::RocksdbStore rows(rows_in(root.path()), workers, seams);
        block::LocalStore blocks(blocks_in(before.path()), workers, std::move(owned));
        OpenHouse house(rows, blocks);
        const refs::Repository repository = house.create_repository();
        if (seed % 2 == 0)
            row_files->cut_after(static_cast<int>(1 + random() % 150));
        else
            block_files.cut_after(static_cast<int>(1 + random() % 150));
        done = work_until_the_cut(house, repository, seed);
        row_files->cut_after(0);
        block_files.cut_after(0);
        block_files.restore(after.path());
    }
    row_files->lose();
    acknowledged += static_cast<int>(done.objects.size() + done.commits.size());
    Workers workers(2);
    kv::RocksdbStore rows(rows_in(root.path()), workers);
    block::LocalStore blocks(blocks_in(after.path()), workers);
    return OpenHouse(rows, blocks).fault(done);
}

TEST(PowerLoss, LeavesEveryAcknowledgedObjectRowAndCommit) {
    int acknowledged = 0;
    for (unsigned seed = 1; seed <= 30; ++seed) {
        ASSERT_EQ(fault_after_power_loss(seed, acknowledged), "") << "seed " << seed;
    }
    EXPECT_GT(acknowledged, 100) << "so little was acknowledged that this proves nothing";
}

}  // namespace
}  // namespace tarn::catalog
