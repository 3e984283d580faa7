#include "block/testing/power_loss_file_system.h"

#include <gtest/gtest.h>

#include <map>

#include "base/error.h"
#include "base/signal.h"
#include "base/testing/await.h"
#include "base/testing/temporary_folder.h"
#include "block/local/local_store.h"
#include "block/testing/store_contract.h"

namespace tarn::block {
namespace {

constexpr std::size_t large_bytes = 1'200'000;
constexpr int clients = 8;
constexpr int puts_a_client = 6;

using Forget = PowerLossFileSystem::Forget;

bool forgets_nothing(std::string_view, const std::string&) {
    return false;
}

LocalOptions under(const std::string& root) {
    LocalOptions options;
    options.root = root;
    options.free_bytes_min = 0;
    return options;
}

// What each key may hold after the power came back.
struct Expected {
    std::vector<std::string> versions;  // in the order of their puts
    std::size_t acknowledged = 0;       // how many of them returned
};

// Puts, a power loss, and a look at what is left.
class Outage {
public:
    struct Plan {
        std::size_t bytes = 1000;
        bool fresh = true;  // else the clients put the same key again and again
        unsigned seed = 0;
        Forget forget = forgets_nothing;
    };

    explicit Outage(Plan plan) : plan_(std::move(plan)) {}

    // Whether an acknowledged object is lost or torn, or a replaced one is neither old nor new.
    bool loses_something() {
        auto owned =
            std::make_unique<PowerLossFileSystem>(before_.path(), plan_.seed, plan_.forget);
        PowerLossFileSystem& files = *owned;
        {
            LocalStore store(under(before_.path()), workers_, std::move(owned));
            std::mt19937 random(plan_.seed);
            files.cut_after(static_cast<int>(1 + random() % (clients * puts_a_client * 3)));
            put_until_the_cut(store);
            files.cut_after(0);
            files.restore(after_.path());
        }
        LocalStore store(under(after_.path()), workers_);
        for (const auto& [key, expected] : expected_) {
            if (!is_whole(store, key, expected)) return true;
        }
        return false;
    }

private:
    void put_until_the_cut(LocalStore& store) {
        std::vector<std::function<Task<void>()>> tasks;
        for (int client = 0; client < clients; ++client) {
            tasks.push_back([this, &store, client] { return put_some(store, client); });
        }
        await(run_all(std::move(tasks), clients));
    }

    Task<void> put_some(LocalStore& store, int client) {
        for (int i = 0; i < puts_a_client; ++i) {
            const std::string name =
                std::to_string(client) + (plan_.fresh ? "-" + std::to_string(i) : "");
            const std::string key = "data/p" + std::to_string(i % 2) + "/" + name;
            const Address address{"local://lake", plan_.fresh ? key : "_lakefs/" + name};
            const std::string bytes = pattern(plan_.bytes + static_cast<std::size_t>(i), 7);
            Expected& expected = expected_[address.key];
            expected.versions.push_back(bytes);
            const auto body = source_of(bytes);
            try {
                co_await store.put(address, *body, plan_.fresh);
                expected.acknowledged = expected.versions.size();
            } catch (const Error&) {
                co_return;
            }
        }
    }

    static bool is_whole(LocalStore& store, const std::string& key, const Expected& expected) {
        const Address address{"local://lake", key};
        std::optional<Opened> opened = await(store.open(address, std::nullopt));
        if (!opened) return expected.acknowledged == 0;
        const bool fresh = key.starts_with("data/");
        if (fresh && expected.acknowledged == 0) return true;  // nobody was told of it
        const auto source = as_source(std::move(opened->body));
        const std::string bytes = await(read_all(*source, 2 * large_bytes));
        const std::size_t first = expected.acknowledged == 0 ? 0 : expected.acknowledged - 1;
        for (std::size_t i = first; i < expected.versions.size(); ++i) {
            if (bytes == expected.versions[i]) return true;
        }
        return false;
    }

    const Plan plan_;
    const TemporaryFolder before_ = TemporaryFolder::in_memory();
    const TemporaryFolder after_ = TemporaryFolder::in_memory();
    Workers workers_{2};
    std::map<std::string, Expected> expected_;
};

int losses(std::size_t bytes, bool fresh, int outages, const Forget& forget) {
    int count = 0;
    for (int i = 0; i < outages; ++i) {
        Outage outage({bytes, fresh, static_cast<unsigned>(i + 1), forget});
        if (outage.loses_something()) ++count;
    }
    return count;
}

TEST(PowerLoss, NoSmallObjectThatWasAcknowledgedIsLost) {
    EXPECT_EQ(losses(1000, true, 60, forgets_nothing), 0);
}

TEST(PowerLoss, NoMediumObjectThatWasAcknowledgedIsLost) {
    EXPECT_EQ(losses(300'000, true, 15, forgets_nothing), 0);
}

TEST(PowerLoss, NoLargeObjectThatWasAcknowledgedIsLost) {
    EXPECT_EQ(losses(large_bytes, true, 10, forgets_nothing), 0);
}

TEST(PowerLoss, AReplacedObjectIsWholeOldOrNew) {
    EXPECT_EQ(losses(1000, false, 60, forgets_nothing), 0);
    EXPECT_EQ(losses(large_bytes, false, 10, forgets_nothing), 0);
}

TEST(PowerLoss, ShowsAForgottenSyncOfTheGroup) {
    const Forget forget = [](std::string_view call, const std::string&) {
        return call == "sync_all";
    };

    EXPECT_GT(losses(1000, true, 10, forget), 0);
    EXPECT_GT(losses(1000, false, 10, forget), 0);
}

TEST(PowerLoss, ShowsAForgottenSyncOfALargeFile) {
    const Forget forget = [](std::string_view call, const std::string&) {
        return call == "sync_file";
    };

    EXPECT_GT(losses(large_bytes, true, 6, forget), 0);
}

TEST(PowerLoss, ShowsAForgottenSyncOfEachFolderAboveALargeFile) {
    for (const std::string folder : {"", "lake", "lake/data", "lake/data/p0"}) {
        const Forget forget = [&](std::string_view call, const std::string& path) {
            return call == "sync_folder" && path == folder;
        };

        EXPECT_GT(losses(large_bytes, true, 6, forget), 0) << folder;
    }
}

// Before the rename and after it: whether only the n-th sync of a client, counted so, is left out.
TEST(PowerLoss, ShowsAForgottenSyncOnEitherSideOfARename) {
    for (const int left_out : {0, 1}) {
        int lost = 0;
        for (unsigned seed = 1; seed <= 40; ++seed) {
            const TemporaryFolder before = TemporaryFolder::in_memory();
            const TemporaryFolder after = TemporaryFolder::in_memory();
            Workers workers(1);
            int syncs = 0;
            auto owned = std::make_unique<PowerLossFileSystem>(
                before.path(), seed, [&](std::string_view call, const std::string&) {
                    return call == "sync_all" && syncs++ % 2 == left_out;
                });
            PowerLossFileSystem& files = *owned;
            const Address address{"local://lake", "_lakefs/x"};
            std::string acknowledged;
            std::string last;
            {
                LocalStore store(under(before.path()), workers, std::move(owned));
                files.cut_after(static_cast<int>(10 + seed));
                try {
                    for (int i = 0; i < 100; ++i) {
                        last = pattern(1000, static_cast<unsigned>(i));
                        const auto body = source_of(last);
                        await(store.put(address, *body, false));
                        acknowledged = last;
                    }
                } catch (const Error&) {
                    EXPECT_TRUE(files.is_cut());
                }
                files.restore(after.path());
            }
            LocalStore store(under(after.path()), workers);
            std::optional<Opened> opened = await(store.open(address, std::nullopt));
            const std::string bytes = opened ? std::get<std::string>(opened->body) : "";
            if (bytes != acknowledged && bytes != last) ++lost;
        }
        EXPECT_GT(lost, 0) << left_out;
    }
}

}  // namespace
}  // namespace tarn::block
