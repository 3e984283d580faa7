#include "base/buffer_pool.h"

#include <gtest/gtest.h>

#include "base/testing/await.h"

namespace tarn {
namespace {

constexpr std::size_t large = BufferPool::large_bytes;
constexpr std::size_t small = BufferPool::small_bytes;

TEST(BufferPool, LendsPageAlignedBuffersAndCountsThem) {
    BufferPool pool(2 * large);
    auto first = await(pool.take(large));
    auto second = await(pool.take(small));

    EXPECT_EQ(first->size(), large);
    EXPECT_EQ(reinterpret_cast<std::uintptr_t>(second->data()) % 4096, 0u);
    EXPECT_EQ(pool.bytes_out(), large + small);
    first.reset();
    second.reset();
    EXPECT_EQ(pool.bytes_out(), 0u);
}

TEST(BufferPool, MakesTakersWaitInOrderOnceTheBudgetIsSpent) {
    BufferPool pool(large);
    std::string order;
    const auto waiting = [&]() -> Task<void> {
        auto held = co_await pool.take(large);
        std::vector<std::function<Task<void>()>> tasks;
        tasks.push_back([&]() -> Task<void> {
            const auto buffer = co_await pool.take(large);
            order += 'a';
        });
        tasks.push_back([&]() -> Task<void> {
            const auto buffer = co_await pool.take(small);
            order += 'b';
        });
        tasks.push_back([&]() -> Task<void> {
            order += '-';
            held.reset();
            co_return;
        });
        co_await run_all(std::move(tasks), 3);
    };

    await(waiting());

    EXPECT_EQ(pool.bytes_out(), 0u);
    EXPECT_EQ(order.size(), 3u);
    EXPECT_LT(order.find('a'), order.find('b'));
}

TEST(BufferPool, BuffersMayBeTheLastToGo) {
    auto pool = std::make_unique<BufferPool>(large);
    auto buffer = await(pool->take(small));
    pool.reset();

    (*buffer)[0] = 'x';
    EXPECT_EQ(buffer->front(), 'x');
}

}  // namespace
}  // namespace tarn
