#include "base/buffer_pool.h"

#include <cstdlib>
#include <deque>
#include <utility>

#include "base/error.h"

namespace tarn {
namespace {

constexpr std::size_t page_bytes = 4096;

struct FreeMemory {
    void operator()(char* memory) const { std::free(memory); }
};
using Memory = std::unique_ptr<char, FreeMemory>;

Memory allocate(std::size_t size) {
    Memory memory(static_cast<char*>(std::aligned_alloc(page_bytes, size)));
    if (!memory) throw Error(Code::exhausted, "no memory for a body's buffer");
    return memory;
}

// A coroutine that waits for `size` bytes of the budget.
struct Waiter {
    std::size_t size;
    Signal granted;
};

}  // namespace

struct BufferPool::State {
    explicit State(std::size_t budget) : budget_bytes(budget), idle_bytes_max(budget / 8) {}

    std::vector<Memory>& idle_of(std::size_t size) {
        return size == small_bytes ? idle_small : idle_large;
    }

    // Charges the budget, or queues behind those who wait already.
    bool charge_or_queue(std::size_t size, const Signal& granted) {
        const std::lock_guard lock(mutex);
        if (waiting.empty() && bytes_out + size <= budget_bytes) {
            bytes_out += size;
            return true;
        }
        waiting.push_back({size, granted});
        return false;
    }

    Memory take_idle(std::size_t size) {
        const std::lock_guard lock(mutex);
        auto& idle = idle_of(size);
        if (idle.empty()) return nullptr;
        Memory memory = std::move(idle.back());
        idle.pop_back();
        idle_bytes -= size;
        return memory;
    }

    // Gives the budget on to those who wait, in order.
    void release(std::size_t size, Memory memory) {
        std::vector<Signal> granted;
        {
            const std::lock_guard lock(mutex);
            bytes_out -= size;
            if (memory && idle_bytes + size <= idle_bytes_max) {
                idle_of(size).push_back(std::move(memory));
                idle_bytes += size;
            }
            while (!waiting.empty() && bytes_out + waiting.front().size <= budget_bytes) {
                bytes_out += waiting.front().size;
                granted.push_back(std::move(waiting.front().granted));
                waiting.pop_front();
            }
        }
        Signal::notify_all(granted);
    }

    const std::size_t budget_bytes;
    const std::size_t idle_bytes_max;  // kept for reuse; the rest goes back to the system
    std::mutex mutex;                  // guards what follows
    std::size_t bytes_out = 0;
    std::size_t idle_bytes = 0;
    std::vector<Memory> idle_small;
    std::vector<Memory> idle_large;
    std::deque<Waiter> waiting;
};

namespace {

// A buffer that is out. Its end returns the memory and the budget.
template <class State>
struct Loan {
    Loan(std::shared_ptr<State> lender, Memory lent, std::size_t size)
        : state(std::move(lender)), memory(std::move(lent)), bytes(memory.get(), size) {}
    Loan(const Loan&) = delete;
    Loan& operator=(const Loan&) = delete;
    ~Loan() { state->release(bytes.size(), std::move(memory)); }

    std::shared_ptr<State> state;
    Memory memory;
    std::span<char> bytes;
};

}  // namespace

BufferPool::BufferPool(std::size_t budget_bytes) : state_(std::make_shared<State>(budget_bytes)) {
    CHECK(budget_bytes >= large_bytes, "the budget holds a buffer");
}

BufferPool::~BufferPool() = default;

Task<std::shared_ptr<std::span<char>>> BufferPool::take(std::size_t size) {
    CHECK(size == small_bytes || size == large_bytes, "buffers come in two sizes");
    const std::shared_ptr<State> state = state_;
    const Signal granted;
    if (!state->charge_or_queue(size, granted)) co_await granted.wait();
    Memory memory = state->take_idle(size);
    if (!memory) memory = allocate(size);
    auto loan = std::make_shared<Loan<State>>(state, std::move(memory), size);
    co_return std::shared_ptr<std::span<char>>(loan, &loan->bytes);
}

std::size_t BufferPool::bytes_out() const {
    const std::lock_guard lock(state_->mutex);
    return state_->bytes_out;
}

}  // namespace tarn
