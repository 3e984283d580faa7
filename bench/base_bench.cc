#include <benchmark/benchmark.h>

#include <string>

#include "base/buffer_pool.h"
#include "base/bytes.h"
#include "base/digest.h"
#include "base/ids.h"
#include "base/signal.h"
#include "base/testing/await.h"
#include "base/workers.h"

// What the smallest parts cost that every request uses.

namespace tarn {
namespace {

// A hop to a worker and back, awaited one after the other.
void offload(benchmark::State& state) {
    Workers workers(2);
    const auto loop = [&]() -> Task<void> {
        for (auto _ : state) co_await workers.offload([] {});
    };
    await(loop());
}
BENCHMARK(offload)->UseRealTime();

// A coroutine that waits for a signal of another one on its own context.
void signal_on_one_context(benchmark::State& state) {
    const auto loop = [&]() -> Task<void> {
        for (auto _ : state) {
            const Signal signal;
            std::vector<std::function<Task<void>()>> tasks;
            tasks.push_back([&]() -> Task<void> { co_await signal.wait(); });
            tasks.push_back([&]() -> Task<void> {
                signal.notify();
                co_return;
            });
            co_await run_all(std::move(tasks), 2);
        }
    };
    await(loop());
}
BENCHMARK(signal_on_one_context);

void take_a_buffer(benchmark::State& state) {
    BufferPool pool(16 * BufferPool::large_bytes);
    const auto loop = [&]() -> Task<void> {
        for (auto _ : state) {
            auto buffer = co_await pool.take(BufferPool::large_bytes);
            benchmark::DoNotOptimize(buffer->data());
        }
    };
    await(loop());
}
BENCHMARK(take_a_buffer);

template <auto digest>
void digest_of(benchmark::State& state) {
    const std::string bytes(static_cast<std::size_t>(state.range(0)), 'x');
    for (auto _ : state) benchmark::DoNotOptimize(digest(bytes));
    state.SetBytesProcessed(state.iterations() * state.range(0));
}
BENCHMARK(digest_of<sha256>)->Arg(64)->Arg(4096)->Arg(1 << 20);
BENCHMARK(digest_of<md5>)->Arg(64)->Arg(4096)->Arg(1 << 20);

template <auto check>
void check_of(benchmark::State& state) {
    const std::string bytes(static_cast<std::size_t>(state.range(0)), 'x');
    for (auto _ : state) benchmark::DoNotOptimize(check(0, bytes));
    state.SetBytesProcessed(state.iterations() * state.range(0));
}
BENCHMARK(check_of<crc32>)->Arg(4096)->Arg(1 << 20);
BENCHMARK(check_of<crc32c>)->Arg(4096)->Arg(1 << 20);
BENCHMARK(check_of<crc64_nvme>)->Arg(4096)->Arg(1 << 20);

void hmac(benchmark::State& state) {
    const std::string key(32, 'k');
    const std::string message(300, 'm');
    for (auto _ : state) benchmark::DoNotOptimize(hmac_sha256(key, message));
}
BENCHMARK(hmac);

void xid(benchmark::State& state) {
    const Time now = from_unix_seconds(1700000000);
    for (auto _ : state) benchmark::DoNotOptimize(new_xid(now));
}
BENCHMARK(xid);

}  // namespace
}  // namespace tarn

BENCHMARK_MAIN();
