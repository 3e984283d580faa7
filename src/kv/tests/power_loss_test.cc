#include <gtest/gtest.h>

#include <map>
#include <optional>
#include <random>
#include <set>
#include <string>

#include "base/error.h"
#include "base/signal.h"
#include "base/testing/await.h"
#include "base/testing/temporary_folder.h"
#include "base/workers.h"
#include "kv/rocksdb/rocksdb_store.h"
#include "kv/testing/power_loss_file_system.h"

namespace tarn::kv {
namespace {

// What a key may hold after the power came back: the last value that was acknowledged, or any that
// was sent after it. Nothing: absent.
using Allowed = std::set<std::optional<std::string>>;
using Expectations = std::map<std::string, Allowed>;

constexpr int writers = 4;
constexpr int keys_per_writer = 5;
constexpr int lives = 3;

RocksdbOptions options_in(const std::filesystem::path& root) {
    RocksdbOptions options;
    options.folder = root / "data" / "kv";
    options.memory_bytes = 2 * 1024 * 1024;  // memtables of 256 KiB: many flushes
    options.request_timeout = std::chrono::minutes(1);
    return options;
}

// Random puts and removals of keys that only this writer touches, until the power goes.
Task<void> write_until_the_cut(Store& store, Expectations& expected, std::string name,
                               unsigned seed) {
    std::mt19937 random(seed);
    for (int round = 0; round < 250; ++round) {
        const std::string key = name + std::to_string(random() % keys_per_writer);
        Allowed& allowed = expected.try_emplace(key, Allowed{std::nullopt}).first->second;
        std::optional<std::string> value;
        if (random() % 8 != 0) {
            value = std::to_string(seed) + "-" + std::to_string(round);
            value->append(random() % 6000, 'x');
        }
        allowed.insert(value);
        try {
            if (value) {
                co_await put(store, {"p", key}, *value);
            } else {
                co_await remove(store, {"p", key});
            }
        } catch (const Error&) {
            co_return;
        }
        allowed = {value};
    }
}

using Syncs = PowerLossFileSystem::Syncs;

// When the power goes: at a random moment, or soon after a sync of one kind.
struct Cut {
    std::optional<SyncSite> site;
    Syncs syncs = Syncs::done;
};

RocksdbSeams on(const std::shared_ptr<PowerLossFileSystem>& files) {
    RocksdbSeams seams;
    seams.file_system = files;
    return seams;
}

// One start of the store, some writing, and the end of the power.
void live(const std::filesystem::path& root, Expectations& expected, unsigned seed,
          const Cut& cut) {
    std::mt19937 random(seed);
    const auto files = std::make_shared<PowerLossFileSystem>(root, seed);
    if (cut.site) {
        files->cut_soon_after(*cut.site, cut.syncs);
    } else {
        const unsigned changes = random() % 3 == 0 ? 60 : 3000;
        files->cut_after(static_cast<int>(random() % changes));
    }
    try {
        Workers workers(1);
        RocksdbStore store(options_in(root), workers, on(files));
        std::vector<std::function<Task<void>()>> tasks;
        for (int writer = 0; writer < writers; ++writer) {
            std::string name(1, static_cast<char>('a' + writer));
            tasks.emplace_back([&store, &expected, name, seed, writer] {
                return write_until_the_cut(store, expected, name, seed + 1000U * unsigned(writer));
            });
        }
        await(run_all(tasks, writers));
    } catch (const Error&) {
        // The power went while the store opened.
    }
    files->lose();
}

// What is wrong after the power came back; nothing when all is well.
std::optional<std::string> fault_in(const std::filesystem::path& root, Expectations& expected) {
    const auto files = std::make_shared<PowerLossFileSystem>(root, 0);
    try {
        Workers workers(1);
        RocksdbStore store(options_in(root), workers, on(files));
        for (auto& [key, allowed] : expected) {
            const auto found = await(find(store, {"p", key}));
            if (!allowed.contains(found)) return "key " + key + " lost what was acknowledged";
            allowed = {found};
        }
    } catch (const Error& error) {
        return error.message();
    }
    return std::nullopt;
}

// Several lives of one folder. Each ends with a loss of power; between them a healthy file system
// looks.
std::optional<std::string> fault_in_lives(unsigned seed, const Cut& cut) {
    const TemporaryFolder root = TemporaryFolder::in_memory();
    Expectations expected;
    for (unsigned number = 0; number < lives; ++number) {
        live(root.path(), expected, seed * lives + number, cut);
        auto fault = fault_in(root.path(), expected);
        if (fault) return fault;
    }
    return std::nullopt;
}

TEST(PowerLoss, LosesNothingAcknowledgedAtARandomMoment) {
    for (unsigned seed = 0; seed < 25; ++seed) {
        const auto fault = fault_in_lives(seed, {});
        ASSERT_EQ(fault, std::nullopt) << "seed " << seed;
    }
}

class PowerLossSoonAfter : public ::testing::TestWithParam<SyncSite> {};

TEST_P(PowerLossSoonAfter, ASyncLosesNothingAcknowledged) {
    for (unsigned seed = 0; seed < 6; ++seed) {
        const auto fault = fault_in_lives(seed, {GetParam(), Syncs::done});
        ASSERT_EQ(fault, std::nullopt) << "seed " << seed;
    }
}

// Each of our syncs is needed: without it, power loss does harm that these tests see.
TEST_P(PowerLossSoonAfter, ASyncThatIsLeftOutIsNoticed) {
    constexpr unsigned seeds_max = 400;
    std::optional<std::string> fault;
    for (unsigned seed = 0; seed < seeds_max && !fault; ++seed) {
        fault = fault_in_lives(seed, {GetParam(), Syncs::swallowed});
    }

    ASSERT_TRUE(fault) << "no loss was noticed without this sync";
    RecordProperty("fault", *fault);
}

std::string site_name(const ::testing::TestParamInfo<SyncSite>& info) {
    constexpr std::array names{
        "LogContents",   "TableContents",  "ManifestContents", "CurrentContents", "MarkerContents",
        "NamesOfMarker", "NamesOfCurrent", "NamesOfLog",       "NamesOfTable",    "NamesOfFolder"};
    static_assert(names.size() == all_sync_sites.size());
    return names.at(info.index);
}

INSTANTIATE_TEST_SUITE_P(Sites, PowerLossSoonAfter, ::testing::ValuesIn(all_sync_sites), site_name);

}  // namespace
}  // namespace tarn::kv
