#include "kv/testing/store_contract.h"

#include <array>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/testing/await.h"

namespace tarn::kv {
namespace {

using namespace std::string_literals;

template <class Action>
std::optional<Code> code_of(Action action) {
    try {
        action();
    } catch (const Error& error) {
        return error.code();
    }
    return std::nullopt;
}

std::vector<std::string> names_of(const std::vector<Pair>& pairs) {
    std::vector<std::string> names;
    for (const Pair& pair : pairs) names.push_back(pair.name);
    return names;
}

using Names = std::vector<std::string>;

}  // namespace

bool store_contract_is_linked() {
    return true;
}

GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(StoreContract);

TEST_P(StoreContract, FindsNothingUnderAKeyNeverWritten) {
    const auto found = await(find(store, {"branches", "main"}));

    EXPECT_EQ(found, std::nullopt);
}

TEST_P(StoreContract, FindsWhatWasPutLast) {
    const Key head{"branches", "main"};
    await(put(store, head, "commit-1"));
    await(put(store, head, "commit-2"));

    const auto found = await(find(store, head));

    EXPECT_EQ(found, "commit-2");
}

TEST_P(StoreContract, FindsAgainAfterEveryKindOfWrite) {
    const Key head{"branches", "main"};
    await(put(store, head, "commit-1"));
    EXPECT_EQ(await(find(store, head)), "commit-1");

    await(put_if(store, head, "commit-2", equals("commit-1")));
    EXPECT_EQ(await(find(store, head)), "commit-2");

    await(remove(store, head));
    EXPECT_EQ(await(find(store, head)), std::nullopt);

    await(put(store, head, "commit-3"));
    EXPECT_EQ(await(find(store, head)), "commit-3");
}

TEST_P(StoreContract, KeepsTheSameKeyOfTwoPartitionsApart) {
    await(put(store, {"a", "bc"}, "1"));
    await(put(store, {"ab", "c"}, "2"));

    EXPECT_EQ(await(find(store, {"a", "bc"})), "1");
    EXPECT_EQ(await(find(store, {"ab", "c"})), "2");
    EXPECT_EQ(await(find(store, {"a", "c"})), std::nullopt);
}

TEST_P(StoreContract, TellsAnEmptyValueFromNone) {
    await(put(store, {"p", "empty"}, ""));

    EXPECT_EQ(await(find(store, {"p", "empty"})), "");
    EXPECT_EQ(await(store.scan("p", "", 10)), (std::vector<Pair>{{"empty", ""}}));
    EXPECT_FALSE(await(put_if(store, {"p", "empty"}, "x", absent)));
    EXPECT_TRUE(await(put_if(store, {"p", "empty"}, "x", equals(""))));
}

TEST_P(StoreContract, RemovingAnAbsentKeyIsNoError) {
    await(remove(store, {"p", "never"}));

    EXPECT_EQ(await(find(store, {"p", "never"})), std::nullopt);
}

TEST_P(StoreContract, RefusesAnEmptyPartitionOrKey) {
    const auto invalid = Code::invalid_argument;

    EXPECT_EQ(code_of([&] { await(find(store, {"", "k"})); }), invalid);
    EXPECT_EQ(code_of([&] { await(find(store, {"p", ""})); }), invalid);
    EXPECT_EQ(code_of([&] { await(put(store, {"p", ""}, "v")); }), invalid);
    EXPECT_EQ(code_of([&] { await(put_if(store, {"", "k"}, "v", absent)); }), invalid);
    EXPECT_EQ(code_of([&] { await(remove(store, {"", "k"})); }), invalid);
    EXPECT_EQ(code_of([&] { await(store.scan("", "", 10)); }), invalid);
    EXPECT_EQ(code_of([&] { await(store.drop("")); }), invalid);
}

TEST_P(StoreContract, ACallWithOneInvalidStepDoesNothing) {
    const std::array<Step, 2> steps{Put{{"p", "good"}, "v"}, Put{{"p", ""}, "v"}};

    EXPECT_EQ(code_of([&] { await(store.run(steps)); }), Code::invalid_argument);
    EXPECT_EQ(await(find(store, {"p", "good"})), std::nullopt);
}

TEST_P(StoreContract, RefusesALimitOutsideOneToAThousand) {
    for (const int limit : {-1, 0, 1001}) {
        EXPECT_EQ(code_of([&] { await(store.scan("p", "", limit)); }), Code::invalid_argument);
        EXPECT_EQ(code_of([&] { await(store.partitions("", limit)); }), Code::invalid_argument);
    }
}

TEST_P(StoreContract, ConditionalPutLosesToAnEarlierWriter) {
    const Key head{"branches", "main"};
    await(put(store, head, "commit-1"));
    const auto seen = await(find(store, head));
    await(put(store, head, "commit-2"));  // the other writer

    const bool won = await(put_if(store, head, "commit-3", equals(*seen)));

    EXPECT_FALSE(won);
    EXPECT_EQ(await(find(store, head)), "commit-2");
}

TEST_P(StoreContract, ConditionalPutComparesEveryKindOfExpectation) {
    const Key key{"p", "k"};

    EXPECT_FALSE(await(put_if(store, key, "v", present)));
    EXPECT_FALSE(await(put_if(store, key, "v", equals("v"))));
    EXPECT_FALSE(await(put_if(store, key, "v", equals(""))));
    EXPECT_TRUE(await(put_if(store, key, "v1", absent)));
    EXPECT_FALSE(await(put_if(store, key, "v2", absent)));
    EXPECT_TRUE(await(put_if(store, key, "v2", present)));
    EXPECT_TRUE(await(put_if(store, key, "v3", equals("v2"))));
    EXPECT_EQ(await(find(store, key)), "v3");
}

TEST_P(StoreContract, StepsOfACallTakeEffectInOrder) {
    const Key key{"p", "k"};
    const std::array<Step, 8> steps{Find{key},
                                    Put{key, "1"},
                                    Find{key},
                                    PutIf{key, "2", equals("1")},
                                    PutIf{key, "3", equals("1")},
                                    Find{key},
                                    Remove{key},
                                    Find{key}};

    const auto results = await(store.run(steps));

    ASSERT_EQ(results.size(), steps.size());
    EXPECT_EQ(results[0].value, std::nullopt);
    EXPECT_EQ(results[2].value, "1");
    EXPECT_TRUE(results[3].done);
    EXPECT_FALSE(results[4].done);
    EXPECT_EQ(results[5].value, "2");
    EXPECT_EQ(results[7].value, std::nullopt);
}

TEST_P(StoreContract, ConsecutiveWritesOfOneKeyTakeEffectInOrder) {
    const Key key{"p", "k"};
    const std::array<Step, 4> steps{Put{key, "1"}, Remove{key}, PutIf{key, "2", absent},
                                    PutIf{key, "3", equals("2")}};

    const auto results = await(store.run(steps));

    EXPECT_TRUE(results[2].done);
    EXPECT_TRUE(results[3].done);
    EXPECT_EQ(await(find(store, key)), "3");
}

TEST_P(StoreContract, ALostConditionDoesNotStopTheStepsAfterIt) {
    const std::array<Step, 2> steps{PutIf{{"p", "a"}, "1", present}, Put{{"p", "b"}, "2"}};

    const auto results = await(store.run(steps));

    EXPECT_FALSE(results[0].done);
    EXPECT_TRUE(results[1].done);
    EXPECT_EQ(await(find(store, {"p", "a"})), std::nullopt);
    EXPECT_EQ(await(find(store, {"p", "b"})), "2");
}

TEST_P(StoreContract, ACallWithoutStepsAnswersNothing) {
    EXPECT_TRUE(await(store.run({})).empty());
}

TEST_P(StoreContract, PutThenFindReadsTheWatchedKeyAfterItsOwnWrite) {
    const Key key{"staging", "k"};
    await(put(store, {"branches", "main"}, "token-1"));

    EXPECT_EQ(await(put_then_find(store, key, "v", {"branches", "main"})), "token-1");
    EXPECT_EQ(await(put_then_find(store, key, "w", key)), "w");
}

TEST_P(StoreContract, ScansInByteOrderWhateverTheBytes) {
    const Names ordered{"\0"s,   "\0\0"s, "\0\1"s,   "\0\xff"s,  "\1"s, "a"s,
                        "a\0"s,  "a\0b"s, "a\1"s,    "aa"s,      "b"s,  "\x7f"s,
                        "\x80"s, "\xff"s, "\xff\0"s, "\xff\xff"s};
    for (auto name = ordered.rbegin(); name != ordered.rend(); ++name) {
        await(put(store, {"p", *name}, "of " + *name));
    }

    const auto page = await(store.scan("p", "", 100));

    EXPECT_EQ(names_of(page), ordered);
    for (const Pair& pair : page) EXPECT_EQ(pair.value, "of " + pair.name);
}

TEST_P(StoreContract, ScansOnlyItsOwnPartition) {
    const Names partitions{"\0"s,  "\0\1"s, "a"s,     "a\0"s, "a\0\1"s, "a\0\xff"s,
                           "a\1"s, "ab"s,   "a\xff"s, "b"s,   "\xff"s,  "\xff\xff"s};
    for (const auto& partition : partitions) {
        await(put(store, {partition, "\0"s}, partition));
        await(put(store, {partition, "\xff"s}, partition));
    }

    for (const auto& partition : partitions) {
        const std::vector<Pair> expected{{"\0"s, partition}, {"\xff"s, partition}};
        EXPECT_EQ(await(store.scan(partition, "", 100)), expected);
    }
    EXPECT_TRUE(await(store.scan("c", "", 100)).empty());
}

TEST_P(StoreContract, ScansFromAKeyInclusive) {
    for (const char* name : {"a", "b", "c"}) await(put(store, {"p", name}, name));

    EXPECT_EQ(names_of(await(store.scan("p", "b", 10))), (Names{"b", "c"}));
    EXPECT_EQ(names_of(await(store.scan("p", "b\0"s, 10))), (Names{"c"}));
    EXPECT_TRUE(await(store.scan("p", "d", 10)).empty());
}

TEST_P(StoreContract, PagesOfAScanMakeTheWhole) {
    Names written;
    for (int at = 0; at < 250; ++at) {
        written.push_back("key-" + std::to_string(1000 + at));
        await(put(store, {"p", written.back()}, "v"));
    }
    for (const int limit : {1, 7, 32, 33, 100, 250, 1000}) {
        Names seen;
        std::string from;
        while (true) {
            const auto page = await(store.scan("p", from, limit));
            EXPECT_LE(page.size(), static_cast<std::size_t>(limit));
            for (const Pair& pair : page) seen.push_back(pair.name);
            if (page.size() < static_cast<std::size_t>(limit)) break;
            from = page.back().name + '\0';
        }
        EXPECT_EQ(seen, written) << "in pages of " << limit;
    }
}

TEST_P(StoreContract, ListsPartitionsThatHoldAnything) {
    const Names partitions{"\0"s, "a"s, "a\0"s, "a\0\1"s, "a\1"s, "b"s, "\xff"s};
    for (const auto& partition : partitions) {
        for (const char* name : {"k1", "k2", "k3"}) await(put(store, {partition, name}, "v"));
    }
    await(put(store, {"emptied", "k"}, "v"));
    await(remove(store, {"emptied", "k"}));

    EXPECT_EQ(await(store.partitions("", 1000)), partitions);
    EXPECT_EQ(await(store.partitions("", 2)), (Names{"\0"s, "a"s}));
    EXPECT_EQ(await(store.partitions("a", 2)), (Names{"a\0"s, "a\0\1"s}));
    EXPECT_EQ(await(store.partitions("aa", 10)), (Names{"b"s, "\xff"s}));
    EXPECT_TRUE(await(store.partitions("\xff", 10)).empty());
}

TEST_P(StoreContract, DroppingAPartitionLeavesItsNeighbours) {
    for (int at = 0; at < 1500; ++at) await(put(store, {"m", std::to_string(at)}, "v"));
    for (const auto& partition : {"l"s, "m\0"s, "m\1"s, "ma"s, "n"s}) {
        await(put(store, {partition, "k"}, "v"));
    }
    await(find(store, {"m", "7"}));

    await(store.drop("m"));

    EXPECT_TRUE(await(store.scan("m", "", 10)).empty());
    EXPECT_EQ(await(find(store, {"m", "7"})), std::nullopt);
    EXPECT_EQ(await(store.partitions("", 10)), (Names{"l"s, "m\0"s, "m\1"s, "ma"s, "n"s}));
}

TEST_P(StoreContract, ADroppedPartitionCanBeWrittenAgain) {
    await(put(store, {"p", "old"}, "v"));
    await(store.drop("p"));
    await(store.drop("p"));
    await(put(store, {"p", "new"}, "v"));

    EXPECT_EQ(names_of(await(store.scan("p", "", 10))), (Names{"new"}));
}

TEST_P(StoreContract, HoldsLargeValues) {
    const std::string large(3 * 1024 * 1024, 'x');
    await(put(store, {"p", "large"}, large));

    EXPECT_EQ(await(find(store, {"p", "large"})), large);
    EXPECT_TRUE(await(put_if(store, {"p", "large"}, "small", equals(large))));
}

}  // namespace tarn::kv
