#pragma once

#include <cstddef>
#include <memory>
#include <mutex>
#include <span>
#include <vector>

#include "base/signal.h"
#include "base/task.h"

namespace tarn {

// Page-aligned buffers for bodies, reused, and bounded in their sum.
// Threads   Any. A coroutine that finds the budget spent waits for a buffer to come back, in order.
// Lifetime  A buffer returns when its last owner lets go; the pool must outlive all of them.
// Limits    `budget_bytes` over all buffers that are out (default in server: 256 MiB).
class BufferPool {
public:
    static constexpr std::size_t small_bytes = 64 * 1024;
    static constexpr std::size_t large_bytes = 1024 * 1024;

    explicit BufferPool(std::size_t budget_bytes);
    ~BufferPool();

    // A buffer of `small_bytes` or `large_bytes`; waits while the budget is spent.
    Task<std::shared_ptr<std::span<char>>> take(std::size_t size);

    std::size_t bytes_out() const;

private:
    struct State;
    std::shared_ptr<State> state_;
};

}  // namespace tarn
