#include <gtest/gtest.h>

#include "kv/memory/memory_store.h"
#include "versions/testing/crowd.h"
#include "versions/testing/seam_store.h"

namespace tarn::versions {
namespace {

constexpr int rounds_max = 20;

TEST(Crowd, LosesNothingThatWasAcknowledged) {
    kv::MemoryStore store;

    const auto problems = run_crowd(store, {});

    EXPECT_EQ(problems, std::vector<std::string>{});
}

TEST(Crowd, LosesNothingWhenManyCommit) {
    kv::MemoryStore store;

    const auto problems = run_crowd(store, {.writers = 2, .committers = 4, .commits = 60});

    EXPECT_EQ(problems, std::vector<std::string>{});
}

// The seeded bug: were it not caught, the tests above would prove little.
TEST(Crowd, CatchesAStoreThatReadsTheBranchTooEarly) {
    std::vector<std::string> problems;
    int rounds = 0;
    for (; rounds < rounds_max && problems.empty(); ++rounds) {
        kv::MemoryStore store;
        EagerStore eager(store);
        problems = run_crowd(eager, {.operations = 100});
    }

    RecordProperty("rounds", rounds);
    EXPECT_NE(problems, std::vector<std::string>{});
}

}  // namespace
}  // namespace tarn::versions
