#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <string>

#include "base/bytes.h"
#include "base/signal.h"
#include "kv/memory/memory_store.h"
#include "kv/testing/crowd.h"
#include "kv/testing/opened_postgres.h"
#include "kv/testing/opened_rocksdb.h"

namespace tarn::kv {
namespace {

constexpr int contexts = 4;
constexpr int writers = 16;
constexpr int readers = 8;
constexpr int keys = 3;
constexpr int wins_per_writer = 12;
constexpr int rounds = 60;

// A counter's value is "<number> <who wrote it>", so that no two writers write the same bytes.
std::uint64_t number_in(std::string_view value) {
    return parse_decimal(value.substr(0, value.find(' '))).value();
}

Key counter_key(int at) {
    return {"counters", "counter-" + std::to_string(at)};
}

// Reads answered in place never suspend, and the writers of the same context want their turn.
Task<void> let_others_run() {
    return sleep_for(std::chrono::milliseconds(0));
}

// What many writers and readers do at the same time, and what each of them saw that must not be.
class Play {
public:
    explicit Play(Store& store) : store_(store) {}

    // What was wrong; nothing when the store kept its word.
    std::optional<std::string> run() {
        run_crowd(1, 1, [this](int) { return prepare(); });
        run_crowd(contexts, writers + readers,
                  [this](int member) { return member < writers ? write(member) : read(); });
        run_crowd(1, 1, [this](int) { return look_back(); });
        return fault_;
    }

private:
    Task<void> prepare() {
        for (int at = 0; at < keys; ++at) co_await put(store_, counter_key(at), "0 nobody");
    }

    Task<void> write(int writer) {
        co_await count(writer);
        co_await create(writer);
        co_await put_and_tell(writer);
        if (++writers_done_ == writers) done_ = true;
    }

    // Counts up by compare and swap until it has won often enough.
    Task<void> count(int writer) {
        for (int wins = 0; wins < wins_per_writer;) {
            const int at = wins % keys;
            const auto seen = co_await find(store_, counter_key(at));
            const std::uint64_t next = number_in(*seen) + 1;
            std::string mine = std::to_string(next) + " writer " + std::to_string(writer);
            const bool won = co_await put_if(store_, counter_key(at), mine, equals(*seen));
            if (!won) continue;
            ++wins;
            note_win(at, *seen);
            raise(acknowledged_[static_cast<std::size_t>(at)], next);
        }
    }

    // All race for the same new keys.
    Task<void> create(int writer) {
        for (int round = 0; round < rounds; ++round) {
            const Key key{"created", std::to_string(round)};
            const bool won = co_await put_if(store_, key, std::to_string(writer), absent);
            if (won) ++creators_[static_cast<std::size_t>(round)];
        }
    }

    // Plain puts of a key of its own; each is found at once, by itself too.
    Task<void> put_and_tell(int writer) {
        const Key mine{"plain", std::to_string(writer)};
        for (std::uint64_t round = 1; round <= rounds; ++round) {
            const auto found =
                co_await put_then_find(store_, mine, std::to_string(round) + " mine", mine);
            if (!found || number_in(*found) != round) note("a put was not found by its own call");
            raise(plain_[static_cast<std::size_t>(writer)], round);
        }
    }

    // Reads all the while: never less than what was acknowledged before, never backwards.
    Task<void> read() {
        while (!done_) {
            for (int at = 0; at < keys; ++at) {
                co_await read_one(counter_key(at), acknowledged_[static_cast<std::size_t>(at)]);
            }
            for (int writer = 0; writer < writers; ++writer) {
                co_await read_one({"plain", std::to_string(writer)},
                                  plain_[static_cast<std::size_t>(writer)]);
            }
            co_await let_others_run();
        }
    }

    Task<void> read_one(Key key, std::atomic<std::uint64_t>& acknowledged) {
        const std::uint64_t least = acknowledged;
        const auto found = co_await find(store_, key);
        const std::uint64_t number = found ? number_in(*found) : 0;
        if (number < least) note("a reader of " + key.name + " missed what was acknowledged");
        raise(acknowledged, number);  // whoever reads later must not see less
    }

    Task<void> look_back() {
        for (int at = 0; at < keys; ++at) {
            const auto last = co_await find(store_, counter_key(at));
            const auto& beaten = beaten_[static_cast<std::size_t>(at)];
            if (number_in(*last) != beaten.size()) note("a counter lost or invented a win");
        }
        for (const auto& winners : creators_) {
            if (winners != 1) note(std::to_string(winners) + " writers created one key");
        }
    }

    static void raise(std::atomic<std::uint64_t>& number, std::uint64_t to) {
        std::uint64_t now = number;
        while (now < to && !number.compare_exchange_weak(now, to)) {
        }
    }

    void note_win(int at, const std::string& beaten) {
        const std::lock_guard lock(mutex_);
        const bool first = beaten_[static_cast<std::size_t>(at)].insert(beaten).second;
        if (!first) fault_ = "two writers beat the same value '" + beaten + "'";
    }

    void note(std::string fault) {
        const std::lock_guard lock(mutex_);
        fault_ = std::move(fault);
    }

    Store& store_;
    std::array<std::atomic<std::uint64_t>, keys> acknowledged_{};
    std::array<std::atomic<std::uint64_t>, writers> plain_{};
    std::array<std::atomic<int>, rounds> creators_{};
    std::atomic<int> writers_done_{0};
    std::atomic<bool> done_{false};
    std::mutex mutex_;
    std::array<std::set<std::string>, keys> beaten_;
    std::optional<std::string> fault_;
};

TEST(StoreConcurrency, MemoryKeepsItsWord) {
    MemoryStore store;

    EXPECT_EQ(Play(store).run(), std::nullopt);
}

TEST(StoreConcurrency, RocksdbKeepsItsWord) {
    OpenedRocksdb opened;

    EXPECT_EQ(Play(*opened.store).run(), std::nullopt);
}

TEST(StoreConcurrency, PostgresKeepsItsWord) {
    PostgresOptions options;
    options.lanes = 2;
    OpenedPostgres opened(options);

    EXPECT_EQ(Play(*opened.store).run(), std::nullopt);
}

TEST(StoreConcurrency, ACommitterThatOverlooksItsOwnBatchIsCaught) {
    RocksdbSeams seams;
    seams.compares_with_database_only = true;
    OpenedRocksdb opened({}, seams);

    EXPECT_NE(Play(*opened.store).run(), std::nullopt);
}

// Readers of a partition that is dropped chunk by chunk, and of its neighbour that is not.
TEST(StoreConcurrency, ADropDisturbsNobodyElse) {
    OpenedRocksdb opened;
    Store& store = *opened.store;
    std::atomic<bool> dropped{false};
    std::atomic<int> missing{0};
    run_crowd(contexts, 40, [&](int member) -> Task<void> {
        for (int at = 0; at < 50; ++at) {
            const std::string name = std::to_string(member * 100 + at);
            co_await put(store, {"token-1", name}, "v");
            co_await put(store, {"token-2", name}, "v");
        }
    });

    run_crowd(contexts, 8, [&](int member) -> Task<void> {
        if (member == 0) {
            co_await store.drop("token-1");
            dropped = true;
        }
        while (!dropped) {
            const auto found = co_await find(store, {"token-2", "100"});
            const auto page = co_await store.scan("token-2", "", 1000);
            if (!found || page.size() != 1000) ++missing;
            co_await let_others_run();
        }
    });

    EXPECT_EQ(missing, 0);
}

}  // namespace
}  // namespace tarn::kv
