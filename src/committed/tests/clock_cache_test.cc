#include "committed/internal/clock_cache.h"

#include <gtest/gtest.h>

#include <string>

namespace tarn::committed {
namespace {

constexpr std::uint64_t budget = 16 * 100;  // 100 for each of its parts

// All in one part, so that the tests know what competes.
struct OnePart {
    std::size_t operator()(int) const { return 0; }
};
using Cache = ClockCache<int, int, OnePart>;

std::shared_ptr<const int> number(int value) {
    return std::make_shared<const int>(value);
}

TEST(ClockCache, FindsWhatWasInserted) {
    Cache cache(budget);

    cache.insert(1, number(10), 40);
    cache.insert(1, number(11), 50);

    EXPECT_EQ(*cache.find(1), 11);
    EXPECT_EQ(cache.find(2), nullptr);
    EXPECT_EQ(cache.cost(), 50U);
}

TEST(ClockCache, KeepsWhatIsUsedLongerThanWhatIsNot) {
    Cache cache(budget);
    cache.insert(1, number(1), 50);
    cache.insert(2, number(2), 50);
    cache.find(1);

    cache.insert(3, number(3), 50);

    EXPECT_NE(cache.find(1), nullptr);
    EXPECT_EQ(cache.find(2), nullptr);
    EXPECT_NE(cache.find(3), nullptr);
}

TEST(ClockCache, MakesRoomEvenWhereEverythingIsUsed) {
    Cache cache(budget);
    for (int i = 0; i < 10; ++i) {
        cache.insert(i, number(i), 10);
        cache.find(i);
    }

    cache.insert(10, number(10), 100);

    EXPECT_EQ(*cache.find(10), 10);
    EXPECT_EQ(cache.cost(), 100U);
}

TEST(ClockCache, DoesNotKeepWhatIsTooLarge) {
    Cache cache(budget);

    cache.insert(1, number(1), 101);

    EXPECT_EQ(cache.find(1), nullptr);
}

TEST(ClockCache, ForgetsWhatIsRemoved) {
    Cache cache(budget);
    cache.insert(1, number(1), 10);

    cache.remove(1);
    cache.remove(2);

    EXPECT_EQ(cache.find(1), nullptr);
    EXPECT_EQ(cache.cost(), 0U);
}

}  // namespace
}  // namespace tarn::committed
