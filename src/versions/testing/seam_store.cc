#include "versions/testing/seam_store.h"

#include <thread>

namespace tarn::versions {
namespace {

constexpr int others_wanted = 40;
constexpr int yields_max = 2'000;

bool reads_branch(const kv::Step& step) {
    const auto* find = std::get_if<kv::Find>(&step);
    return find != nullptr && find->key.name.starts_with("branches/");
}

}  // namespace

Task<std::vector<kv::Result>> SeamStore::run(std::span<const kv::Step> given) {
    const std::vector<kv::Step> steps(given.begin(), given.end());
    std::vector<kv::Result> results;
    for (const kv::Step& step : steps) {
        if (before) co_await before(step);
        auto result = co_await below_.run({&step, 1});
        results.push_back(std::move(result.front()));
    }
    co_return results;
}

Task<std::vector<kv::Pair>> SeamStore::scan(std::string_view partition, std::string_view from,
                                            int limit) {
    const std::string name(partition);
    const std::string begin(from);
    if (before_scan) co_await before_scan(name);
    co_return co_await below_.scan(name, begin, limit);
}

Task<void> SeamStore::drop(std::string_view partition) {
    return below_.drop(partition);
}

Task<std::vector<std::string>> SeamStore::partitions(std::string_view after, int limit) {
    return below_.partitions(after, limit);
}

// Lets the calls of others come in between, if there are any.
void EagerStore::linger() const {
    const long begun = calls_;
    for (int i = 0; i < yields_max && calls_ - begun < others_wanted; ++i) {
        std::this_thread::yield();
    }
}

Task<std::vector<kv::Result>> EagerStore::run(std::span<const kv::Step> given) {
    const std::vector<kv::Step> steps(given.begin(), given.end());
    std::vector<kv::Result> results(steps.size());
    ++calls_;
    for (const bool branches : {true, false}) {
        for (std::size_t i = 0; i < steps.size(); ++i) {
            if (reads_branch(steps[i]) != branches) continue;
            auto result = co_await below_.run({&steps[i], 1});
            results[i] = std::move(result.front());
            if (branches && steps.size() > 1) linger();
        }
    }
    co_return results;
}

Task<std::vector<kv::Pair>> EagerStore::scan(std::string_view partition, std::string_view from,
                                             int limit) {
    return below_.scan(partition, from, limit);
}

Task<void> EagerStore::drop(std::string_view partition) {
    return below_.drop(partition);
}

Task<std::vector<std::string>> EagerStore::partitions(std::string_view after, int limit) {
    return below_.partitions(after, limit);
}

}  // namespace tarn::versions
