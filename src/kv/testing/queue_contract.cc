#include <array>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/signal.h"
#include "base/testing/await.h"
#include "kv/testing/store_contract.h"

namespace tarn::kv {
namespace {

using Lanes = std::vector<std::function<Task<void>()>>;

// Runs the lanes on one context, so that all of them have queued their writes when `last` is
// called.
void run_then(Lanes lanes, const std::function<void()>& last) {
    lanes.push_back([&last]() -> Task<void> {
        last();
        co_return;
    });
    const int count = static_cast<int>(lanes.size());
    await(run_all(std::move(lanes), count));
}

// The code of the Error that a write ends with, into `code`; nothing when it succeeds.
Task<void> put_noting(Store& store, Key key, std::string value, std::optional<Code>& code) {
    try {
        co_await put(store, std::move(key), std::move(value));
        code.reset();
    } catch (const Error& error) {
        code = error.code();
    }
}

// A find may have a deadline as well, which a busy machine misses.
std::optional<std::string> find_at_last(Store& store, const Key& key) {
    while (true) {
        try {
            return await(find(store, key));
        } catch (const Error& error) {
            if (error.code() != Code::unavailable) throw;
        }
    }
}

}  // namespace

bool queue_contract_is_linked() {
    return true;
}

GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(QueueContract);

TEST_P(QueueContract, OfConditionalWritesThatMeetInABatchOneWins) {
    const auto opened = open();
    Store& store = *opened.store;
    const Key head{"branches", "main"};
    await(put(store, head, "commit-0"));
    std::array<bool, 20> won{};
    Lanes lanes{[&]() -> Task<void> { co_await put(store, {"p", "first"}, "v"); }};
    for (std::size_t at = 0; at < won.size(); ++at) {
        lanes.push_back([&, at]() -> Task<void> {
            std::string mine = "commit-by-" + std::to_string(at);
            won[at] = co_await put_if(store, head, std::move(mine), equals("commit-0"));
        });
    }

    opened.hold();
    run_then(lanes, opened.release);

    EXPECT_EQ(std::count(won.begin(), won.end(), true), 1);
    const auto winner = std::find(won.begin(), won.end(), true) - won.begin();
    EXPECT_EQ(await(find(store, head)), "commit-by-" + std::to_string(winner));
}

TEST_P(QueueContract, AConditionSeesAPlainWriteOfItsOwnBatch) {
    const auto opened = open();
    Store& store = *opened.store;
    const Key key{"p", "k"};
    bool created = true;
    Lanes lanes{[&]() -> Task<void> { co_await put(store, {"p", "first"}, "v"); },
                [&]() -> Task<void> { co_await put(store, key, "plain"); },
                [&]() -> Task<void> { created = co_await put_if(store, key, "mine", absent); }};

    opened.hold();
    run_then(lanes, opened.release);

    // Calls are unordered among themselves, so either may have come first; not both may have won.
    const auto found = await(find(store, key));
    EXPECT_EQ(found, "plain") << (created ? "created, then overwritten" : "refused");
}

TEST_P(QueueContract, AllPlainWritesOfOneKeyThatMeetAreAnsweredAndTheLastStays) {
    const auto opened = open();
    Store& store = *opened.store;
    std::array<std::optional<Code>, 30> codes;
    codes.fill(Code::internal);
    Lanes lanes;
    for (std::size_t at = 0; at < codes.size(); ++at) {
        lanes.push_back([&, at]() -> Task<void> {
            std::string value = std::to_string(at);
            co_await put_noting(store, {"p", "k"}, std::move(value), codes[at]);
        });
    }

    opened.hold();
    run_then(lanes, opened.release);

    for (const auto& code : codes) EXPECT_EQ(code, std::nullopt);
    EXPECT_EQ(await(find(store, {"p", "k"})), "29");
}

TEST_P(QueueContract, AWriteUnansweredInTimeIsUnavailableAndTheStoreGoesOn) {
    const auto opened = open({.request_timeout = std::chrono::milliseconds(20)});
    Store& store = *opened.store;
    std::optional<Code> code;

    opened.hold();
    await(put_noting(store, {"p", "late"}, "v", code));
    opened.release();

    EXPECT_EQ(code, Code::unavailable);
    do {  // the disk of a busy machine may need more than the deadline, too
        await(put_noting(store, {"p", "k"}, "v", code));
    } while (code == Code::unavailable);
    EXPECT_EQ(code, std::nullopt);
    EXPECT_EQ(find_at_last(store, {"p", "late"}), "v");
}

TEST_P(QueueContract, AFullQueueRefusesAtOnceAndForgetsNothing) {
    const auto opened = open({.queue_operations_max = 5});
    Store& store = *opened.store;
    std::array<std::optional<Code>, 8> codes;
    Lanes lanes;
    for (std::size_t at = 0; at < codes.size(); ++at) {
        lanes.push_back([&, at]() -> Task<void> {
            std::string name = "k" + std::to_string(at);
            co_await put_noting(store, {"p", std::move(name)}, "v", codes[at]);
        });
    }

    opened.hold();
    run_then(lanes, opened.release);

    for (std::size_t at = 0; at < codes.size(); ++at) {
        const bool accepted = at < 5;
        EXPECT_EQ(codes[at], accepted ? std::nullopt : std::optional(Code::exhausted));
        const auto found = await(find(store, {"p", "k" + std::to_string(at)}));
        EXPECT_EQ(found.has_value(), accepted);
    }
    await(put(store, {"p", "later"}, "v"));
}

TEST_P(QueueContract, ArgumentsAreCopiedBeforeTheFirstSuspension) {
    const auto opened = open();
    Store& store = *opened.store;
    std::vector<Step> steps{Put{{"p", "k"}, "mine"}, Find{{"p", "k"}},
                            PutIf{{"p", "k"}, "also mine", equals("mine")}, Find{{"p", "k"}}};
    std::vector<Result> results;
    Lanes lanes{[&]() -> Task<void> { results = co_await store.run(steps); },
                [&]() -> Task<void> {
                    for (Step& step : steps) step = Remove{{"changed", "meanwhile"}};
                    steps.clear();
                    steps.shrink_to_fit();
                    co_return;
                }};

    opened.hold();
    run_then(lanes, opened.release);

    ASSERT_EQ(results.size(), 4U);
    EXPECT_EQ(results[1].value, "mine");
    EXPECT_EQ(results[3].value, "also mine");
}

TEST_P(QueueContract, ACallerThatStoppedWaitingHarmsNobody) {
    const auto opened = open({.request_timeout = std::chrono::milliseconds(5)});
    Store& store = *opened.store;
    std::array<std::optional<Code>, 40> codes;

    opened.hold();
    Lanes lanes;
    for (std::size_t at = 0; at < codes.size(); ++at) {
        lanes.push_back([&, at]() -> Task<void> {
            std::string name = "k" + std::to_string(at);
            co_await put_noting(store, {"p", std::move(name)}, "v", codes[at]);
        });
    }
    await(run_all(lanes, static_cast<int>(lanes.size())));  // all have gone when it returns
    opened.release();

    for (const auto& code : codes) EXPECT_EQ(code, Code::unavailable);
    do {
        await(put_noting(store, {"p", "after"}, "v", codes[0]));
    } while (codes[0] == Code::unavailable);
    EXPECT_EQ(await(store.scan("p", "", 100)).size(), codes.size() + 1);
}

TEST_P(QueueContract, AFailingBatchIsNeverAnsweredAsSuccess) {
    const auto opened = open();
    Store& store = *opened.store;
    await(put(store, {"p", "before"}, "v"));
    std::array<std::optional<Code>, 10> codes;
    Lanes lanes;
    for (std::size_t at = 0; at < codes.size(); ++at) {
        lanes.push_back([&, at]() -> Task<void> {
            std::string name = "k" + std::to_string(at);
            co_await put_noting(store, {"p", std::move(name)}, "v", codes[at]);
        });
    }

    opened.hold();
    opened.break_next_batch();
    run_then(lanes, opened.release);

    for (const auto& code : codes) EXPECT_EQ(code, Code::unavailable);
    EXPECT_EQ(await(find(store, {"p", "before"})), "v");
}

}  // namespace tarn::kv
