#include "kv/store.h"

#include <array>
#include <utility>

namespace tarn::kv {

Task<std::optional<std::string>> find(Store& store, Key key) {
    const std::array<Step, 1> steps{Find{std::move(key)}};
    auto results = co_await store.run(steps);
    co_return std::move(results.front().value);
}

Task<void> put(Store& store, Key key, std::string value) {
    const std::array<Step, 1> steps{Put{std::move(key), std::move(value)}};
    co_await store.run(steps);
}

Task<void> remove(Store& store, Key key) {
    const std::array<Step, 1> steps{Remove{std::move(key)}};
    co_await store.run(steps);
}

Task<bool> put_if(Store& store, Key key, std::string value, Expected expected) {
    const std::array<Step, 1> steps{PutIf{std::move(key), std::move(value), std::move(expected)}};
    const auto results = co_await store.run(steps);
    co_return results.front().done;
}

Task<std::optional<std::string>> put_then_find(Store& store, Key key, std::string value,
                                               Key watched) {
    const std::array<Step, 2> steps{Put{std::move(key), std::move(value)},
                                    Find{std::move(watched)}};
    auto results = co_await store.run(steps);
    co_return std::move(results.back().value);
}

}  // namespace tarn::kv
