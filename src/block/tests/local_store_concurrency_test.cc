#include <gtest/gtest.h>

#include <future>
#include <memory>

#include "base/signal.h"
#include "base/testing/await.h"
#include "base/testing/temporary_folder.h"
#include "base/workers.h"
#include "block/local/local_store.h"
#include "block/testing/store_contract.h"

namespace tarn::block {
namespace {

constexpr int threads = 4;
constexpr int clients_a_thread = 4;
constexpr int puts_a_client = 4;

Task<void> put_and_read(Store& store, int client, int& wrong) {
    for (int i = 0; i < puts_a_client; ++i) {
        const std::size_t sizes[] = {10, 70'000, 300'000, 2'100'000};
        const std::string bytes =
            pattern(sizes[(client + i) % 4], static_cast<unsigned>(client * 100 + i));
        const std::string name = std::to_string(client) + "-" + std::to_string(i);
        const Address address{"local://lake", "data/p" + std::to_string(i) + "/" + name};
        const auto body = pieces_of(bytes, 65'536, i % 2 == 0);
        co_await store.put(address, *body, true);
        std::optional<Opened> opened = co_await store.open(address, std::nullopt);
        const auto source = as_source(std::move(opened->body));
        const std::string read = co_await read_all(*source, 1 << 23);
        if (read != bytes) ++wrong;
    }
}

// Runs a task on one of the clients' threads. They outlive the store, because whoever wakes a
// coroutine may still be at it when that has ended.
std::future<void> begin(Workers& clients, std::function<Task<void>()> task) {
    const auto ended = std::make_shared<std::promise<void>>();
    clients.start([task, ended]() -> Task<void> {
        co_await task();
        ended->set_value();
    });
    return ended->get_future();
}

TEST(LocalStoreConcurrency, BodiesOfManyClientsStayApart) {
    const TemporaryFolder folder = TemporaryFolder::in_memory();
    Workers clients(threads);
    Workers workers(2);
    LocalOptions options;
    options.root = folder.path();
    options.free_bytes_min = 0;
    LocalStore store(options, workers);
    std::vector<int> wrong(threads * clients_a_thread);

    std::vector<std::future<void>> running;
    for (int thread = 0; thread < threads; ++thread) {
        running.push_back(begin(clients, [&, thread]() -> Task<void> {
            std::vector<std::function<Task<void>()>> tasks;
            for (int i = 0; i < clients_a_thread; ++i) {
                const int client = thread * clients_a_thread + i;
                tasks.push_back([&, client] {
                    return put_and_read(store, client, wrong[static_cast<std::size_t>(client)]);
                });
            }
            co_await run_all(std::move(tasks), clients_a_thread);
        }));
    }
    for (auto& ended : running) ended.get();

    EXPECT_EQ(wrong, std::vector<int>(threads * clients_a_thread));
}

TEST(LocalStoreConcurrency, OfManyWritersOfOneKeyOneIsWhole) {
    const TemporaryFolder folder = TemporaryFolder::in_memory();
    Workers clients(threads);
    Workers workers(2);
    LocalOptions options;
    options.root = folder.path();
    options.free_bytes_min = 0;
    LocalStore store(options, workers);
    const Address address{"local://lake", "_lakefs/x"};

    std::vector<std::future<void>> running;
    for (unsigned thread = 0; thread < threads; ++thread) {
        running.push_back(begin(clients, [&store, &address, thread]() -> Task<void> {
            const auto body = source_of(pattern(100'000, thread));
            co_await store.put(address, *body, false);
        }));
    }
    for (auto& ended : running) ended.get();

    std::optional<Opened> opened = await(store.open(address, std::nullopt));
    const auto source = as_source(std::move(opened->body));
    const std::string bytes = await(read_all(*source, 1 << 20));
    int matches = 0;
    for (unsigned thread = 0; thread < threads; ++thread) {
        if (bytes == pattern(100'000, thread)) ++matches;
    }
    EXPECT_EQ(matches, 1);
}

}  // namespace
}  // namespace tarn::block
