#include "kv/rocksdb/rocksdb_store.h"

#include <gtest/gtest.h>

#include <fstream>

#include "base/error.h"
#include "base/testing/await.h"
#include "kv/testing/opened_rocksdb.h"
#include "kv/testing/power_loss_file_system.h"

namespace tarn::kv {
namespace {

INSTANTIATE_TEST_SUITE_P(Rocksdb, StoreContract,
                         ::testing::Values(Driver{"rocksdb", open_rocksdb}));
INSTANTIATE_TEST_SUITE_P(Rocksdb, QueueContract,
                         ::testing::Values(Driver{"rocksdb", open_rocksdb}));

std::optional<Code> code_of_opening(const RocksdbOptions& options) {
    Workers workers(1);
    try {
        const RocksdbStore store(options, workers);
        return std::nullopt;
    } catch (const Error& error) {
        return error.code();
    }
}

std::optional<Code> code_of_put(Store& store, Key key) {
    try {
        await(put(store, std::move(key), "v"));
        return std::nullopt;
    } catch (const Error& error) {
        return error.code();
    }
}

std::size_t entries_in(const std::filesystem::path& folder) {
    return static_cast<std::size_t>(std::distance(std::filesystem::directory_iterator(folder), {}));
}

TEST(RocksdbStore, KeepsWhatWasWrittenWhenOpenedAnew) {
    OpenedRocksdb opened;
    await(put(*opened.store, {"p", "k"}, "v"));

    opened.reopen();

    EXPECT_EQ(await(find(*opened.store, {"p", "k"})), "v");
}

TEST(RocksdbStore, FindsWhatLiesOnDiskOnly) {
    OpenedRocksdb opened;
    for (int at = 0; at < 2000; ++at) {
        await(put(*opened.store, {"p", std::to_string(at)}, std::string(1000, 'x')));
    }

    opened.reopen();  // nothing is in memory now

    for (int at = 0; at < 2000; ++at) {
        const auto found = await(find(*opened.store, {"p", std::to_string(at)}));
        ASSERT_EQ(found, std::string(1000, 'x'));
    }
    EXPECT_EQ(await(opened.store->scan("p", "", 1000)).size(), 1000U);
}

TEST(RocksdbStore, RefusesWritesAfterAFailedSyncUntilOpenedAnew) {
    const TemporaryFolder root;
    const auto files = std::make_shared<PowerLossFileSystem>(root.path(), 0);
    RocksdbSeams seams;
    seams.file_system = files;
    Workers workers(1);
    const RocksdbOptions options{.folder = root.path() / "kv"};
    auto store = std::make_unique<RocksdbStore>(options, workers, seams);
    await(put(*store, {"p", "before"}, "v"));

    files->fail(SyncSite::log_contents);
    EXPECT_EQ(code_of_put(*store, {"p", "failed"}), Code::unavailable);
    files->fail(SyncSite::marker_contents);  // the disk is well again, as far as one can tell
    EXPECT_EQ(code_of_put(*store, {"p", "after"}), Code::unavailable);

    EXPECT_EQ(await(find(*store, {"p", "before"})), "v");
    EXPECT_EQ(await(find(*store, {"p", "after"})), std::nullopt);
    store.reset();
    store = std::make_unique<RocksdbStore>(options, workers, seams);
    EXPECT_EQ(code_of_put(*store, {"p", "again"}), std::nullopt);
    EXPECT_EQ(await(find(*store, {"p", "before"})), "v");
}

TEST(RocksdbStore, IsOpenedOnceAtATime) {
    const OpenedRocksdb opened;

    EXPECT_EQ(code_of_opening(opened.options), Code::unavailable);
}

TEST(RocksdbStore, ABackupTakenMeanwhileIsAStoreOfThatMoment) {
    OpenedRocksdb opened;
    await(put(*opened.store, {"p", "before"}, "v"));
    const auto copy = opened.folder.path() / "copy";

    await(opened.store->backup(copy));
    await(put(*opened.store, {"p", "after"}, "v"));

    Workers workers(1);
    RocksdbStore restored({.folder = copy}, workers);
    EXPECT_EQ(await(find(restored, {"p", "before"})), "v");
    EXPECT_EQ(await(find(restored, {"p", "after"})), std::nullopt);
}

TEST(RocksdbStore, ABackupNeedsANewFolder) {
    OpenedRocksdb opened;
    const TemporaryFolder taken;

    try {
        await(opened.store->backup(taken.path()));
        FAIL() << "the folder was there already";
    } catch (const Error& error) {
        EXPECT_EQ(error.code(), Code::already_exists);
    }
    EXPECT_TRUE(std::filesystem::is_empty(taken.path()));
}

TEST(FormatMarker, RefusesBadgersFilesAndWritesNothing) {
    for (const char* name : {"MANIFEST", "000001.vlog", "KEYREGISTRY"}) {
        const TemporaryFolder folder;
        std::ofstream(folder.path() / name) << "bytes";

        EXPECT_EQ(code_of_opening({.folder = folder.path()}), Code::invalid_argument) << name;
        EXPECT_EQ(entries_in(folder.path()), 1U);
    }
}

TEST(FormatMarker, RefusesAFolderOfSomebodyElse) {
    const TemporaryFolder folder;
    std::ofstream(folder.path() / "letters.txt") << "dear";

    EXPECT_EQ(code_of_opening({.folder = folder.path()}), Code::invalid_argument);
    EXPECT_EQ(entries_in(folder.path()), 1U);
}

TEST(FormatMarker, RefusesAFormatOfTheFuture) {
    OpenedRocksdb opened;
    opened.store.reset();
    std::ofstream(opened.options.folder / "TARN_KV_FORMAT") << "tarn-kv 2\n";

    EXPECT_EQ(code_of_opening(opened.options), Code::unimplemented);
}

TEST(FormatMarker, RefusesAMarkerThatIsNone) {
    for (const char* text :
         {"", "tarn-kv", "tarn-kv \n", "tarn-kv 0\n", "tarn-kv one\n", "badger 1\n"}) {
        OpenedRocksdb opened;
        opened.store.reset();
        std::ofstream(opened.options.folder / "TARN_KV_FORMAT") << text;

        EXPECT_EQ(code_of_opening(opened.options), Code::corrupted) << text;
    }
}

TEST(FormatMarker, TakesAFreshDiskAndWhatAFirstStartLeftUnfinished) {
    const TemporaryFolder folder;
    std::filesystem::create_directory(folder.path() / "lost+found");
    std::ofstream(folder.path() / "TARN_KV_FORMAT.new") << "tarn-";

    EXPECT_EQ(code_of_opening({.folder = folder.path()}), std::nullopt);
    EXPECT_EQ(code_of_opening({.folder = folder.path().string() + "/"}), std::nullopt);
}

}  // namespace
}  // namespace tarn::kv
