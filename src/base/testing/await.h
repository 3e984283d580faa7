#pragma once

#include <exception>
#include <functional>
#include <optional>
#include <utility>

#include "base/task.h"

namespace tarn {

namespace testing_detail {
void run_to_end(std::function<Task<void>()> start);
}

// Runs a task to its end on a context of its own, so that tests read as plain code.
template <class T>
T await(Task<T> task) {
    if constexpr (std::is_void_v<T>) {
        testing_detail::run_to_end([&task]() -> Task<void> { co_await std::move(task); });
    } else {
        std::optional<T> result;
        testing_detail::run_to_end([&task, &result]() -> Task<void> {
            auto value = co_await std::move(task);
            result.emplace(std::move(value));
        });
        return std::move(*result);
    }
}

}  // namespace tarn
